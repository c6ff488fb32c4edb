package dev.workspaceoperator.storm;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What the clients of one workspace asked for and were told. */
final class Ledger {
  static final int USERS = 3;

  /** Which limits change in it. */
  enum Limits {
    NONE,
    BUDGETS,
    BUDGETS_AND_CAP
  }

  final String workspaceId;
  final String apiKey;
  final Limits limits;
  private final Map<String, Admission> byKey = new ConcurrentHashMap<>();
  private final Queue<Toggle> toggles = new ConcurrentLinkedQueue<>();
  private final AtomicLong used = new AtomicLong();
  private final AtomicLong[] usedByUser = new AtomicLong[USERS];

  Ledger(String workspaceId, String apiKey, Limits limits) {
    this.workspaceId = workspaceId;
    this.apiKey = apiKey;
    this.limits = limits;
    for (int i = 0; i < USERS; i++) {
      usedByUser[i] = new AtomicLong();
    }
  }

  void asked(Admission admission) {
    if (byKey.put(admission.key(), admission) != null) {
      throw new IllegalStateException("a key for two: " + admission.key());
    }
  }

  Collection<Admission> all() {
    return byKey.values();
  }

  @Nullable Admission of(String key) {
    return byKey.get(key);
  }

  List<Admission> runs() {
    return all().stream()
        .filter(it -> it.isRun() && it.state() == Admission.State.ADMITTED)
        .toList();
  }

  /** About what is spent and reserved, in micro-USD: to choose budgets by. */
  void use(String userId, long micros) {
    used.addAndGet(micros);
    usedByUser[userId.charAt(1) - '0'].addAndGet(micros);
  }

  long used() {
    return used.get();
  }

  /** The most that one user uses. */
  long usedByOne() {
    long most = 0;
    for (AtomicLong one : usedByUser) {
      most = Math.max(most, one.get());
    }
    return most;
  }

  /** An acknowledged change of the kill switch or of a setting. */
  void toggled(Toggle toggle) {
    toggles.add(toggle);
  }

  Collection<Toggle> toggles() {
    return toggles;
  }

  /**
   * An acknowledged change.
   *
   * @param requestIds of its attempts, one of which made it
   * @param certain whether nothing else can have made it unnecessary
   */
  record Toggle(String field, String value, List<String> requestIds, boolean certain) {}
}
