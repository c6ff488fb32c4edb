package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.workspaceoperator.trace.TraceContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What lines of the JSON log have, and what the page says of it. */
class LogKeysTest {
  private static final Path SOURCES = Path.of("src", "main", "java");
  private static final Pattern KEY =
      Pattern.compile("(?:addKeyValue\\(\\s*|member\\(text, |_ID = )\"([a-z_]+)\"");
  private static final Pattern ROW = Pattern.compile("\\| `([a-z_]+)` \\|.*");
  private static final TraceContext TRACE =
      new TraceContext("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", false);

  @Test
  void thePageHasEachKeyOfTheCodeAndNoOther() throws IOException {
    Set<String> documented = new TreeSet<>();
    Files.readString(Path.of("docs", "tracing.md"))
        .lines()
        .dropWhile(line -> !line.equals("| key | means |"))
        .map(ROW::matcher)
        .filter(Matcher::matches)
        .forEach(row -> documented.add(row.group(1)));

    assertThat(documented).isEqualTo(keysOfTheCode());
  }

  @Test
  void aLineHasTheKeysThatStayAndItsTrace() throws IOException {
    JsonNode plain = written(Optional.empty());
    JsonNode traced = written(Optional.of(TRACE));

    assertThat(plain.fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder(
            "@timestamp",
            "@version",
            "message",
            "logger_name",
            "thread_name",
            "level",
            "level_value",
            "code");
    assertThat(traced.path("trace_id").asText()).isEqualTo(TRACE.traceId());
    assertThat(traced.path("span_id").asText()).isEqualTo(TRACE.spanId());
  }

  private static JsonNode written(Optional<TraceContext> trace) throws IOException {
    LoggerContext context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    ListAppender<ILoggingEvent> events = new ListAppender<>();
    events.start();
    Logger logger = context.getLogger("dev.workspaceoperator.Some");
    logger.addAppender(events);
    byte[] line =
        TraceContext.during(
            trace,
            () -> {
              logger.atInfo().addKeyValue("code", "A").log("Sentence");
              return LogOptions.json(context).encode(events.list.getFirst());
            });
    return new ObjectMapper().readTree(new String(line, StandardCharsets.UTF_8));
  }

  private static Set<String> keysOfTheCode() throws IOException {
    Set<String> keys = new TreeSet<>();
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        String text = Files.readString(file);
        if (text.contains("addKeyValue(")
            || text.contains("member(text, ")
            || file.endsWith("TraceFields.java")) {
          Matcher key = KEY.matcher(text);
          while (key.find()) {
            keys.add(key.group(1));
          }
        }
      }
    }
    return keys;
  }
}
