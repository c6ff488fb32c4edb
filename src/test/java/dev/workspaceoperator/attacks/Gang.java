package dev.workspaceoperator.attacks;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The connections of one order, and what they were answered. Of one thread. */
final class Gang {
  private static final int SOURCES_OF_A_NET = 250;

  private final Order order;
  private final List<Template> templates;
  private final Map<String, Long> outcomes = new TreeMap<>();
  private long numbers;
  private int source;

  Gang(Order order) {
    this.order = order;
    this.templates = order.requests().stream().map(Template::new).toList();
  }

  Order order() {
    return order;
  }

  List<Template> templates() {
    return templates;
  }

  Map<String, Long> outcomes() {
    return outcomes;
  }

  void count(String outcome) {
    outcomes.merge(outcome, 1L, Long::sum);
  }

  long nextNumber() {
    return numbers++;
  }

  /** 127.1.0.1 and up. */
  InetAddress nextSource() throws UnknownHostException {
    source = (source + 1) % order.sources();
    return InetAddress.getByAddress(
        new byte[] {
          127, 1, (byte) (source / SOURCES_OF_A_NET), (byte) (1 + source % SOURCES_OF_A_NET)
        });
  }
}
