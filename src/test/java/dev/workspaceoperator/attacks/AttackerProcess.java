package dev.workspaceoperator.attacks;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The process of the attackers, so that it can be told to stand back behind what it attacks. Reads
 * from its input {@code PORT [orders]}, begins, and ends at the next line, which it answers with
 * what each order was answered; and so on until its input ends.
 */
public final class AttackerProcess {
  static final ObjectMapper JSON = new ObjectMapper();

  private AttackerProcess() {}

  /** Takes nothing. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    @Nullable String begin = in.readLine();
    while (begin != null) {
      String[] parts = begin.split(" ", 2);
      List<Order> orders = JSON.readValue(parts[1], new TypeReference<List<Order>>() {});
      Swarm swarm = new Swarm(Integer.parseInt(parts[0]), orders);
      Thread thread = Thread.ofPlatform().name("swarm").daemon(true).start(swarm);
      String _ = in.readLine();
      swarm.end();
      thread.join();
      out.println(JSON.writeValueAsString(swarm.outcomes()));
      begin = in.readLine();
    }
  }
}
