package dev.workspaceoperator.bench;

import com.google.rpc.Code;
import com.google.rpc.Status;
import io.envoyproxy.envoy.service.accesslog.v3.AccessLogServiceGrpc;
import io.envoyproxy.envoy.service.accesslog.v3.StreamAccessLogsMessage;
import io.envoyproxy.envoy.service.accesslog.v3.StreamAccessLogsResponse;
import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.auth.v3.OkHttpResponse;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;

/** Lets everything through, by the same library, on threads of the same kind. */
final class YesServer {
  private static final CheckResponse YES =
      CheckResponse.newBuilder()
          .setStatus(Status.newBuilder().setCode(Code.OK_VALUE))
          .setOkResponse(OkHttpResponse.getDefaultInstance())
          .build();

  private YesServer() {}

  /** Takes the port, and serves until it is stopped. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    NettyServerBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0])))
        .executor(Executors.newVirtualThreadPerTaskExecutor())
        .addService(
            new AuthorizationGrpc.AuthorizationImplBase() {
              @Override
              public void check(CheckRequest request, StreamObserver<CheckResponse> answer) {
                answer.onNext(YES);
                answer.onCompleted();
              }
            })
        .addService(
            new AccessLogServiceGrpc.AccessLogServiceImplBase() {
              @Override
              public StreamObserver<StreamAccessLogsMessage> streamAccessLogs(
                  StreamObserver<StreamAccessLogsResponse> answer) {
                return new Unread(answer);
              }
            })
        .build()
        .start()
        .awaitTermination();
  }

  /** Reads an access log and does nothing with it. */
  private record Unread(StreamObserver<StreamAccessLogsResponse> answer)
      implements StreamObserver<StreamAccessLogsMessage> {
    @Override
    public void onNext(StreamAccessLogsMessage message) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {
      answer.onCompleted();
    }
  }
}
