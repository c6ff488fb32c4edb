package dev.workspaceoperator.http.server;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.MicroUsd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes answers. Amounts are plain exact numbers, never in exponent form. */
public final class Json {
  public static final int DEPTH_MAX = 32;

  /** Its buffers are shared: a pool for each of thousands of virtual threads would be waste. */
  public static final JsonFactory FACTORY =
      JsonFactory.builder()
          .recyclerPool(JsonRecyclerPools.sharedBoundedPool())
          .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEPTH_MAX).build())
          .build();

  private static final int TYPICAL_BYTES = 512;

  private Json() {}

  /** Writes one value. */
  @FunctionalInterface
  public interface Body {
    void write(JsonGenerator json) throws IOException;
  }

  /** What this writes, as UTF-8. */
  public static byte[] bytes(Body body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(TYPICAL_BYTES);
    try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
      body.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException("JSON cannot be written to memory", e);
    }
    return bytes.toByteArray();
  }

  /** A budget as a number of US dollars; {@code null} for unlimited. */
  public static void budget(JsonGenerator json, String name, Budget budget) throws IOException {
    json.writeFieldName(name);
    budget(json, budget);
  }

  public static void budget(JsonGenerator json, Budget budget) throws IOException {
    if (budget.isUnlimited()) {
      json.writeNull();
    } else {
      json.writeNumber(new MicroUsd(budget.micros()).toUsd());
    }
  }

  /** A text or, if empty, {@code null}. */
  public static void text(JsonGenerator json, String name, Optional<String> text)
      throws IOException {
    json.writeFieldName(name);
    json.writeString(text.orElse(null));
  }

  /** A time in UTC (RFC 3339). */
  public static void time(JsonGenerator json, String name, Instant time) throws IOException {
    json.writeStringField(name, time.toString());
  }

  /** A time in UTC (RFC 3339) or, if empty, {@code null}. */
  public static void time(JsonGenerator json, String name, Optional<Instant> time)
      throws IOException {
    text(json, name, time.map(Instant::toString));
  }

  public static void texts(JsonGenerator json, String name, Collection<String> texts)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (String text : texts) {
      json.writeString(text);
    }
    json.writeEndArray();
  }

  /** A text, number, boolean, time, budget or null. */
  public static void value(JsonGenerator json, @Nullable Object value) throws IOException {
    switch (value) {
      case null -> json.writeNull();
      case Boolean bool -> json.writeBoolean(bool);
      case Integer number -> json.writeNumber(number);
      case Long number -> json.writeNumber(number);
      case BigDecimal number -> json.writeNumber(number);
      case Budget budget -> budget(json, budget);
      case MicroUsd amount -> json.writeNumber(amount.toUsd());
      default -> json.writeString(value.toString());
    }
  }
}
