package dev.workspaceoperator.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.joran.spi.ConsoleTarget;
import dev.workspaceoperator.app.option.ConfigurationReader;
import java.util.List;
import net.logstash.logback.encoder.LogstashEncoder;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** How the program logs: a role to standard output, a command to standard error. */
final class LogOptions {
  private static final List<String> FORMATS = List.of("json", "text");
  private static final List<String> LEVELS = List.of("error", "warn", "info", "debug");

  @Option(
      names = "--log-format",
      paramLabel = "FORMAT",
      defaultValue = "json",
      description = "json (one object a line) or text. Default: ${DEFAULT-VALUE}.")
  private String format = "json";

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      defaultValue = "info",
      description = "error, warn, info or debug. Default: ${DEFAULT-VALUE}.")
  private String level = "info";

  private ConsoleTarget target = ConsoleTarget.SystemOut;

  /** What suits a person who looks on: text, and only what wants attention. */
  static LogOptions forTerminal() {
    LogOptions options = new LogOptions();
    options.target = ConsoleTarget.SystemErr;
    options.format = "text";
    options.level = "warn";
    return options;
  }

  /** Checks the options; then {@link #apply} sets them. */
  void read(ConfigurationReader reader) {
    reader.word("--log-format", format, FORMATS);
    reader.word("--log-level", level, LEVELS);
  }

  /** Requests are told of at the level info. */
  AccessLogForm accessLog() {
    if (level.equals("error") || level.equals("warn")) {
      return AccessLogForm.NONE;
    }
    return format.equals("json") ? AccessLogForm.JSON : AccessLogForm.TEXT;
  }

  /** Sets up the logging of this process. */
  void apply() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    Encoder<ILoggingEvent> encoder = format.equals("json") ? json(context) : text(context);
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setContext(context);
    console.setName("console");
    console.setTarget(target.getName());
    console.setEncoder(encoder);
    console.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.addAppender(console);
    root.setLevel(Level.WARN);
    context.getLogger("dev.workspaceoperator").setLevel(Level.toLevel(level));
    if (level.equals("debug")) {
      context.getLogger("io.javaoperatorsdk").setLevel(Level.INFO);
    }
  }

  /** One object a line. */
  static Encoder<ILoggingEvent> json(LoggerContext context) {
    LogstashEncoder encoder = new LogstashEncoder();
    encoder.setContext(context);
    encoder.addProvider(new TraceFields());
    encoder.start();
    return encoder;
  }

  private static Encoder<ILoggingEvent> text(LoggerContext context) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%d{HH:mm:ss.SSS} %-5level %msg %kvp%n%ex{short}");
    encoder.start();
    return encoder;
  }
}
