package dev.kvasir.runtime.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.runtime.engine.EngineOptions.QuantizationChoice;
import dev.kvasir.runtime.engine.StartupException;
import dev.kvasir.runtime.model.Float8Form.Activations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantizationReaderTest {
  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "'quant_method':'bitsandbytes','load_in_4bit':true; quant_method 'bitsandbytes' is not supported",
        "'quant_method':'mxfp4'; quant_method 'mxfp4' is not supported",
        "'quant_method':'hqq'; quant_method 'hqq'",
        "'quant_method':'quark'; quant_method 'quark'",
        "'bits':4; quant_method must be there",
        "'quant_method':'awq','bits':3; AWQ with 3 bits",
        "'quant_method':'awq','version':'gemv'; AWQ version 'gemv'",
        "'quant_method':'awq','version':'marlin'; AWQ version 'marlin'",
        "'quant_method':'awq','group_size':0; group_size must be a whole number of at least 1",
        "'quant_method':'gptq','bits':3; GPTQ with 3 bits",
        "'quant_method':'gptq','bits':2; GPTQ with 2 bits",
        "'quant_method':'gptq','checkpoint_format':'marlin'; checkpoint_format 'marlin'",
        "'quant_method':'gptq','is_marlin_format':true; marlin's format",
        "'quant_method':'gptq','pack_dtype':'int16'; pack_dtype must be int32",
        "'quant_method':'gptq','dynamic':{'+:(':{}}; dynamic: '(' is no regular expression",
        "'quant_method':'gptq','dynamic':{'+:x':{'bits':2}}; GPTQ with 2 bits",
        "'quant_method':'fp8','activation_scheme':'odd'; activation_scheme must be dynamic or static",
        "'quant_method':'fp8','weight_block_size':[128]; weight_block_size must be a list of two",
        "'quant_method':'compressed-tensors','sparsity_config':{'format':'sparse-24-bitmask'}; sparse-24-bitmask",
        "'quant_method':'compressed-tensors','transform_config':{'config_groups':{'a':{}}}; transform_config",
        "'quant_method':'compressed-tensors','format':'marlin-24','config_groups':{'g':{'weights':{'num_bits':4}}}; format marlin-24",
        "'quant_method':'compressed-tensors','format':'nvfp4-pack-quantized','config_groups':{'g':{'weights':{'num_bits':4,'type':'float'}}}; floats of 4 bits in format nvfp4-pack-quantized",
        "'quant_method':'compressed-tensors','format':'mxfp4-pack-quantized','config_groups':{'g':{'weights':{'num_bits':4,'type':'float'}}}; format mxfp4-pack-quantized",
        "'quant_method':'compressed-tensors','format':'pack-quantized','config_groups':{'g':{'weights':{'num_bits':3}}}; integers of 3 bits",
        "'quant_method':'compressed-tensors','format':'pack-quantized','config_groups':{'g':{'weights':{'num_bits':4,'strategy':'attn_head'}}}; strategy attn_head",
        "'quant_method':'compressed-tensors','config_groups':{'g':{'targets':['re:['],'weights':null}}; '[' is no regular expression",
      })
  void whatIsNotSupportedIsNamed(String fields, String message) throws IOException {
    StartupException refusal = assertThrows(StartupException.class, () -> read(fields));
    assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("config.json"), refusal.getMessage());
  }

  @Test
  void aNameThatContradictsTheCheckpointIsRefused() throws IOException {
    write("config.json", "{'quantization_config':{'quant_method':'awq','group_size':64}}");
    assertEquals(
        "awq int4, groups of 64",
        QuantizationReader.read(directory, QuantizationChoice.AWQ).inWords());
    for (QuantizationChoice choice :
        new QuantizationChoice[] {QuantizationChoice.NONE, QuantizationChoice.GPTQ}) {
      StartupException refusal =
          assertThrows(StartupException.class, () -> QuantizationReader.read(directory, choice));
      assertTrue(
          refusal.getMessage().contains("is awq (awq int4, groups of 64)"), refusal.getMessage());
    }
  }

  @Test
  void anAdapterIsNamed() throws IOException {
    write("config.json", "{}");
    write("adapter_config.json", "{}");
    StartupException refusal =
        assertThrows(
            StartupException.class,
            () -> QuantizationReader.read(directory, QuantizationChoice.AUTO));
    assertTrue(refusal.getMessage().contains("LoRA"), refusal.getMessage());
  }

  @Test
  void theFirstRuleThatMatchesHolds() throws IOException {
    Quantization gptq =
        read(
            "'quant_method':'gptq','bits':4,'group_size':-1,'lm_head':true,"
                + "'dynamic':{'-:.*\\\\.0\\\\..*gate':{},'+:.*\\\\.mlp\\\\.':{'bits':8,'group_size':64}}");
    assertInstanceOf(PlainForm.class, gptq.form("model.layers.0.mlp.gate_proj"));
    assertEquals(new GptqForm(8, 64, 1), gptq.form("model.layers.1.mlp.gate_proj"));
    assertEquals(new GptqForm(4, 0, 1), gptq.form("model.layers.1.self_attn.q_proj"));
    assertEquals(new GptqForm(4, 0, 1), gptq.form("lm_head"));
  }

  @Test
  void aNameGoesBeforeAClass() throws IOException {
    String weights =
        "'weights':{'num_bits':8,'type':'float','strategy':'%s','block_structure':[128,64]}";
    Quantization mixed =
        read(
            ("'quant_method':'compressed-tensors','format':'float-quantized','config_groups':{"
                    + "'a':{'targets':['Linear'],%s},'b':{'targets':['re:.*down_proj'],%s}},'ignore':['lm_head','re:.*v_proj$']")
                .formatted(weights.formatted("channel"), weights.formatted("block")));
    assertEquals(
        new Float8Form(128, 64, Activations.AS_THEY_ARE),
        mixed.form("model.layers.0.mlp.down_proj"));
    assertEquals(
        new Float8Form(1, 0, Activations.AS_THEY_ARE), mixed.form("model.layers.0.mlp.up_proj"));
    assertInstanceOf(PlainForm.class, mixed.form("model.layers.0.self_attn.v_proj"));
    assertInstanceOf(PlainForm.class, mixed.form("lm_head"));
  }

  @Test
  void aHostileRegularExpressionDoesNotHangTheStart() throws IOException {
    Quantization gptq = read("'quant_method':'gptq','dynamic':{'+:.*.*.*.*.*.*.*.*.*b':{}}");
    StartupException refusal =
        assertThrows(StartupException.class, () -> gptq.form("a".repeat(60)));
    assertTrue(refusal.getMessage().contains("takes too long"), refusal.getMessage());
  }

  private Quantization read(String fields) throws IOException {
    write("config.json", "{'quantization_config':{" + fields + "}}");
    return QuantizationReader.read(directory, QuantizationChoice.AUTO);
  }

  private void write(String file, String json) throws IOException {
    Files.writeString(directory.resolve(file), json.replace('\'', '"'));
  }
}
