package dev.workspaceoperator.sql;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.postgresql.util.HostSpec;

/**
 * Which of the hosts of a URL is tried first. All connections of a process share it: after a
 * failover the first one finds out who is silent or was replaced, which takes seconds, and spares
 * the others that.
 */
final class HostOrder {
  private static final Map<List<String>, HostOrder> OF_HOSTS = new ConcurrentHashMap<>();

  private final List<HostSpec> hosts;
  private final AtomicInteger first = new AtomicInteger();

  private HostOrder(List<HostSpec> hosts) {
    this.hosts = hosts;
  }

  /** The one of these hosts, each with its port, in the order of the URL. */
  static HostOrder of(String[] names, int[] ports) {
    List<HostSpec> hosts =
        IntStream.range(0, names.length).mapToObj(i -> new HostSpec(names[i], ports[i])).toList();
    return OF_HOSTS.computeIfAbsent(
        hosts.stream().map(HostSpec::toString).toList(), _ -> new HostOrder(hosts));
  }

  int count() {
    return hosts.size();
  }

  /** The place in the URL of the one that is tried first now. */
  int first() {
    return first.get();
  }

  /** All of them, the one of this place first. */
  List<HostSpec> from(int place) {
    List<HostSpec> rotated = new ArrayList<>(hosts);
    Collections.rotate(rotated, -place);
    return rotated;
  }

  /** The one that was first does not serve; another one is, unless somebody found that before. */
  void failed(int wasFirst) {
    first.compareAndSet(wasFirst, (wasFirst + 1) % hosts.size());
  }

  /** This one serves: it need not have been the first. */
  void serves(HostSpec host) {
    int place = hosts.indexOf(host);
    if (place >= 0) {
      first.set(place);
    }
  }
}
