package dev.workspaceoperator.extauthz;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

/**
 * A credential that Envoy itself sends with each question, so that one route is of one workspace
 * whatever its clients send: {@code initial_metadata} of its gRPC service.
 *
 * @param authorization every value of {@code authorization}
 * @param apiKey every value of {@code x-api-key}
 * @param workspace the value of {@code workspace}: a slug
 */
record OwnCredential(List<String> authorization, List<String> apiKey, Optional<String> workspace) {
  private static final OwnCredential NONE =
      new OwnCredential(List.of(), List.of(), Optional.empty());
  private static final Context.Key<OwnCredential> CURRENT = Context.key("own-credential");
  private static final Metadata.Key<String> AUTHORIZATION = key("authorization");
  private static final Metadata.Key<String> API_KEY = key("x-api-key");
  private static final Metadata.Key<String> WORKSPACE = key("workspace");

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /** That of the question that this thread answers. */
  static OwnCredential current() {
    OwnCredential current = CURRENT.get();
    return current == null ? NONE : current;
  }

  boolean isGiven() {
    return !authorization.isEmpty() || !apiKey.isEmpty();
  }

  private static OwnCredential of(Metadata metadata) {
    return new OwnCredential(
        all(metadata, AUTHORIZATION),
        all(metadata, API_KEY),
        Optional.ofNullable(metadata.get(WORKSPACE)));
  }

  private static List<String> all(Metadata metadata, Metadata.Key<String> key) {
    Iterable<String> values = metadata.getAll(key);
    return values == null ? List.of() : StreamSupport.stream(values.spliterator(), false).toList();
  }

  /** Keeps it for whoever answers. */
  static final class Reader implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata metadata, ServerCallHandler<Q, A> next) {
      return Contexts.interceptCall(
          Context.current().withValue(CURRENT, of(metadata)), call, metadata, next);
    }
  }
}
