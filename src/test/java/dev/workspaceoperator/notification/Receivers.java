package dev.workspaceoperator.notification;

import dev.workspaceoperator.notification.TestReceiver.Behaviour;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Several receivers that do the same. */
final class Receivers implements AutoCloseable {
  private final List<TestReceiver> all = new ArrayList<>();

  static Receivers start(int number, Behaviour behaviour) throws IOException {
    Receivers receivers = new Receivers();
    for (int i = 0; i < number; i++) {
      receivers.all.add(TestReceiver.start(behaviour));
    }
    return receivers;
  }

  /** With their numbers behind the name. */
  List<Receiver> as(String name) {
    return IntStream.range(0, all.size())
        .mapToObj(i -> all.get(i).as("%s-%d".formatted(name, i)))
        .toList();
  }

  /** How many requests came to those that got any: each counts once. */
  long got() {
    return all.stream().filter(receiver -> !receiver.got().isEmpty()).count();
  }

  @Override
  public void close() {
    all.forEach(TestReceiver::close);
  }
}
