package dev.kvasir.runtime.http;

import java.io.IOException;

/** {@code POST /v1/completions} and {@code POST /v1/chat/completions}. */
record GenerationEndpoint(
    Dialect dialect, RuntimeState state, Admission admission, ServerObserver observer)
    implements Endpoint {

  @Override
  public void answer(Call call) throws ApiException, IOException, InterruptedException {
    ServedModel model = state.requireModel();
    Fields fields = Fields.of(call.json());
    AskParser.requireModel(model, fields);
    Ask ask =
        call.work(StructureFields.mayBeIn(fields), () -> dialect.parse(call.id(), model, fields));
    admission.enter();
    try {
      AnswerShape shape = dialect.shape(call.id(), model, ask);
      new Answer(model, ask, shape, observer, admission).write(call);
    } finally {
      admission.leave();
    }
  }
}
