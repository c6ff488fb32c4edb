package dev.workspaceoperator.app;

import dev.workspaceoperator.app.ApiCaller.Reply;
import java.io.IOException;

/** A replica of the role {@code api} in a process of its own, and a client of it. */
record ApiReplica(RoleProcess process, ApiCaller caller) {
  ApiReplica(RoleProcess process, int port) {
    this(process, new ApiCaller(port));
  }

  /** As {@link ApiCaller#get}. */
  Reply get(String key, String path) throws IOException {
    return caller.get(key, path);
  }

  /** As {@link ApiCaller#call}. */
  Reply call(String key, String method, String path, String body) throws IOException {
    return caller.call(key, method, path, body);
  }

  /** As {@link ApiCaller#status}. */
  int status(String key) {
    return caller.status(key);
  }
}
