package dev.workspaceoperator.http.server;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/** What a request is answered. */
public sealed interface Answer {

  /** {@code application/json}. */
  Header JSON = HeaderValues.createCached(HeaderNames.CONTENT_TYPE, MediaTypes.JSON);

  /** {@code application/problem+json}. */
  Header PROBLEM = HeaderValues.createCached(HeaderNames.CONTENT_TYPE, MediaTypes.PROBLEM);

  /** Tells that an earlier request had the effect. */
  Header REPLAYED = HeaderValues.createCached("Idempotency-Replayed", "true");

  Status status();

  List<Header> headers();

  /** An answer that is known as a whole. */
  final class Whole implements Answer {
    private final Status status;
    private final List<Header> headers;
    private final byte[] body;

    /**
     * An answer.
     *
     * @param headers {@code Content-Type} among them, if there is a body
     * @param body not to be changed any more
     */
    public Whole(Status status, List<Header> headers, byte[] body) {
      this.status = status;
      this.headers = List.copyOf(headers);
      this.body = body;
    }

    @Override
    public Status status() {
      return status;
    }

    @Override
    public List<Header> headers() {
      return headers;
    }

    /** The body; not to be changed. */
    public byte[] body() {
      return body;
    }

    /** The same with one header more. */
    public Whole with(Header header) {
      List<Header> more = new ArrayList<>(headers);
      more.add(header);
      return new Whole(status, more, body);
    }
  }

  /** An answer that goes on until either side ends it. */
  record Stream(List<Header> headers, StreamBody body) implements Answer {
    public Stream {
      headers = List.copyOf(headers);
    }

    @Override
    public Status status() {
      return Status.OK_200;
    }
  }

  /** Writes a stream; closed when the stream is over, or never began. */
  interface StreamBody extends AutoCloseable {
    /**
     * Writes; returns when the stream is over.
     *
     * @throws IOException if the client is gone or does not read
     */
    void writeTo(OutputStream output) throws IOException;

    @Override
    void close();
  }

  /** 200 with a body of another type. */
  public static Whole ok(Header contentType, byte[] body) {
    return new Whole(Status.OK_200, List.of(contentType), body);
  }

  /** 200 with JSON. */
  public static Whole ok(byte[] json) {
    return new Whole(Status.OK_200, List.of(JSON), json);
  }

  /** 201 with JSON, where the new thing can be found, and whether an earlier request made it. */
  public static Whole created(byte[] json, String location, boolean replayed) {
    return created(json, replayed).with(HeaderValues.create(HeaderNames.LOCATION, location));
  }

  /** 201 with JSON of a thing that has no address, and whether an earlier request made it. */
  public static Whole created(byte[] json, boolean replayed) {
    Whole answer = new Whole(Status.CREATED_201, List.of(JSON), json);
    return replayed ? answer.with(REPLAYED) : answer;
  }

  /** 204. */
  public static Whole noContent() {
    return new Whole(Status.NO_CONTENT_204, List.of(), new byte[0]);
  }
}
