package dev.kvasir.runtime.cli;

import dev.kvasir.runtime.engine.EngineOptions.KvCacheType;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Types of keys and values, in vLLM's spellings too. */
final class KvCacheTypeConverter implements ITypeConverter<KvCacheType> {
  @Override
  public KvCacheType convert(String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "auto" -> KvCacheType.AUTO;
      case "bf16", "bfloat16" -> KvCacheType.BF16;
      case "fp8", "fp8_e4m3" -> KvCacheType.FP8;
      default ->
          throw new TypeConversionException(
              "'" + value + "' is not supported: use auto, bf16 or fp8 (E4M3)");
    };
  }
}
