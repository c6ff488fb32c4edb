package dev.workspaceoperator.app;

import dev.workspaceoperator.env.Envoy;
import dev.workspaceoperator.env.Gateways;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * examples/envoy on other ports.
 *
 * @param port where it listens
 * @param extAuthzPort whom it asks and tells
 * @param modelPort where it sends what was let through
 * @param text its configuration
 */
record EnvoyExample(int port, int extAuthzPort, int modelPort, String text) {

  EnvoyExample(int port, int extAuthzPort, int modelPort) throws IOException {
    this(
        port,
        extAuthzPort,
        modelPort,
        Files.readString(Path.of("examples/envoy/envoy.yaml"))
            .replace("port_value: 10000", "port_value: " + port)
            .replace("port_value: 9191", "port_value: " + extAuthzPort)
            .replace("port_value: 9292", "port_value: " + modelPort));
  }

  /**
   * The same, with another line.
   *
   * @throws IllegalArgumentException if the example does not have that line
   */
  EnvoyExample with(String line, String other) {
    if (!text.contains(line)) {
      throw new IllegalArgumentException("examples/envoy/envoy.yaml does not say " + line);
    }
    return new EnvoyExample(port, extAuthzPort, modelPort, text.replace(line, other));
  }

  Envoy start(Gateways gateways, Path directory) throws InterruptedException {
    return Envoy.start(gateways.envoy(), directory, text, port, System.err::println);
  }
}
