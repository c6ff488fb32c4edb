package dev.workspaceoperator.attacks;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The attackers' process, from here; its priority is below that of what it attacks. */
final class Attackers implements AutoCloseable {
  private final Process process;
  private final Writer to;
  private final BufferedReader from;

  private Attackers(Process process) {
    this.process = process;
    this.to = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
    this.from =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  static Attackers start() throws IOException {
    List<String> program =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx512m",
            "-cp",
            System.getProperty("java.class.path"),
            AttackerProcess.class.getName());
    return new Attackers(
        new ProcessBuilder(Background.command(program))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start());
  }

  void begin(int port, List<Order> orders) throws IOException {
    to.write(port + " " + AttackerProcess.JSON.writeValueAsString(orders) + "\n");
    to.flush();
  }

  /** Ends what has begun; gives how often each order was answered what. */
  Map<String, Map<String, Long>> end() throws IOException {
    to.write("end\n");
    to.flush();
    String answer = from.readLine();
    if (answer == null) {
      throw new IllegalStateException("the attackers' process has ended");
    }
    return AttackerProcess.JSON.readValue(
        answer, new TypeReference<Map<String, Map<String, Long>>>() {});
  }

  @Override
  public void close() {
    process.destroy();
  }
}
