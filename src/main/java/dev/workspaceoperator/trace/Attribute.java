package dev.workspaceoperator.trace;

/**
 * What a span may say, in one place: no user, no credential and nothing else that was sent, but for
 * the name of the request. Names that OpenTelemetry has a convention for are its.
 */
public enum Attribute {
  HTTP_METHOD("http.request.method", "The method, or `_OTHER`."),
  HTTP_ROUTE("http.route", "The path's template, such as `/v1/runs/{id}`."),
  HTTP_STATUS("http.response.status_code", "The status of the answer."),
  RPC_SYSTEM("rpc.system.name", "`grpc`."),
  RPC_METHOD("rpc.method", "The service and method that Envoy asks."),
  DATABASE("db.system.name", "`postgresql`."),
  BATCH_SIZE("db.operation.batch.size", "How many operations the transaction decides."),
  NAMESPACE("k8s.namespace.name", "The namespace of the Workspace."),
  RESOURCE("workspace_operator.resource.name", "The name of the Workspace."),
  WORKSPACE_ID("workspace_operator.workspace.id", "The workspace that was acted on."),
  REQUEST_ID("workspace_operator.request.id", "The name of the request, as in the log."),
  CODE("workspace_operator.code", "The code of the problem or refusal; absent if there is none."),
  OUTCOME("workspace_operator.outcome", "What became of it, as in the metrics."),
  REASON("workspace_operator.reason", "Why, as in the status of the Workspace."),
  ATTEMPTS("workspace_operator.batch.attempts", "How often the batch was run, 1 or more."),
  ERROR("error.type", "What failed: a code or an exception's class; absent if nothing did.");

  private final String key;
  private final String meaning;

  Attribute(String key, String meaning) {
    this.key = key;
    this.meaning = meaning;
  }

  /** As back ends show it. */
  public String key() {
    return key;
  }

  /** A sentence. */
  public String meaning() {
    return meaning;
  }
}
