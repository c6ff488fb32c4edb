package dev.workspaceoperator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.store.BatchedReads.Limits;
import dev.workspaceoperator.workspace.port.OverloadedException;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

class BatchedReadsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration SLOW = Duration.ofMillis(1);

  private final List<List<String>> queries = new CopyOnWriteArrayList<>();
  private final Semaphore answers = new Semaphore(0);

  @Test
  void whatGathersDuringAQueryIsAskedTogetherAndEachKeyOnce() throws Exception {
    try (BatchedReads<String, String> reads =
            reads(new Limits(1, SLOW, Duration.ZERO, 10, 100, PATIENCE));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Optional<String>> first = threads.submit(() -> reads.read("first"));
      await().until(() -> queries.size() == 1);
      List<Future<Optional<String>>> others = new ArrayList<>();
      for (String key : List.of("a", "b", "a", "first", "absent")) {
        others.add(threads.submit(() -> reads.read(key)));
      }
      await().until(() -> reads.waiting() == 6);
      answers.release(2);

      assertThat(first.get()).contains("FIRST");
      assertThat(others.get(2).get()).contains("A");
      assertThat(others.get(3).get()).contains("FIRST");
      assertThat(others.get(4).get()).isEmpty();
      assertThat(queries).hasSize(2);
      assertThat(queries.get(1)).containsExactlyInAnyOrder("a", "b", "first", "absent");
    }
  }

  @Test
  void aQueryTakesAtMostItsKeysAndTheRestComesNext() throws Exception {
    try (BatchedReads<String, String> reads =
            reads(new Limits(1, SLOW, Duration.ZERO, 2, 100, PATIENCE));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Optional<String>>> asked = new ArrayList<>();
      asked.add(threads.submit(() -> reads.read("k0")));
      await().until(() -> queries.size() == 1);
      for (int i = 1; i <= 5; i++) {
        String key = "k" + i;
        asked.add(threads.submit(() -> reads.read(key)));
      }
      await().until(() -> reads.waiting() == 6);
      answers.release(4);

      for (int i = 0; i < asked.size(); i++) {
        assertThat(asked.get(i).get()).contains("K" + i);
      }
      assertThat(queries).extracting(List::size).containsExactly(1, 2, 2, 1);
    }
  }

  @Test
  void theKeysOfThoseWhoLostPatienceAreBoundedToo() throws Exception {
    Duration brief = Duration.ofMillis(50);
    try (BatchedReads<String, String> reads =
            reads(new Limits(1, SLOW, Duration.ZERO, 10, 3, brief));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (String key : List.of("under way", "a", "b", "c")) {
        Future<?> given = threads.submit(() -> reads.read(key));
        assertThatThrownBy(given::get).cause().isInstanceOf(StoreUnavailableException.class);
      }

      assertThatThrownBy(() -> reads.read("d")).isInstanceOf(OverloadedException.class);
      answers.release(10);
    }
  }

  @Test
  void aSlowAnswerHoldsUpNobodyWhoComesLater() throws Exception {
    try (BatchedReads<String, String> reads =
            new BatchedReads<>(
                "test",
                new Limits(2, SLOW, Duration.ZERO, 10, 100, PATIENCE),
                keys -> {
                  if (keys.contains("slow")) {
                    answers.acquireUninterruptibly();
                  }
                  return upperCase(keys);
                });
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Optional<String>> slow = threads.submit(() -> reads.read("slow"));
      await().until(() -> reads.waiting() == 1);

      assertThat(reads.read("quick")).contains("QUICK");
      answers.release();
      assertThat(slow.get()).contains("SLOW");
    }
  }

  @Test
  void whileAQueryIsQuickNoOtherIsSentBesideIt() throws Exception {
    try (BatchedReads<String, String> reads =
            reads(new Limits(4, PATIENCE, Duration.ZERO, 100, 100, PATIENCE));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Optional<String>> first = threads.submit(() -> reads.read("first"));
      await().until(() -> queries.size() == 1);
      List<Future<Optional<String>>> others = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        String key = "k" + i;
        others.add(threads.submit(() -> reads.read(key)));
        int asked = i + 2;
        await().until(() -> reads.waiting() == asked);
      }
      answers.release(2);

      assertThat(first.get()).contains("FIRST");
      for (Future<Optional<String>> other : others) {
        assertThat(other.get()).isPresent();
      }
      assertThat(queries).extracting(List::size).containsExactly(1, 20);
    }
  }

  @Test
  void aFullQueryIsSentBesideOneUnderWay() throws Exception {
    try (BatchedReads<String, String> reads =
            reads(new Limits(2, PATIENCE, Duration.ZERO, 2, 100, PATIENCE));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Optional<String>> first = threads.submit(() -> reads.read("a"));
      await().until(() -> queries.size() == 1);
      Future<Optional<String>> second = threads.submit(() -> reads.read("b"));
      Future<Optional<String>> third = threads.submit(() -> reads.read("c"));

      await().until(() -> queries.size() == 2);
      answers.release(2);
      assertThat(first.get()).contains("A");
      assertThat(second.get()).contains("B");
      assertThat(third.get()).contains("C");
    }
  }

  @Test
  void betweenTwoQueriesThePauseIsKeptHoweverManyAsk() throws Exception {
    answers.release(100);
    Limits limits = new Limits(2, SLOW, PATIENCE, 2, 100, PATIENCE);
    BatchedReads<String, String> reads = reads(limits);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      assertThat(reads.read("first")).contains("FIRST");
      List<Future<Optional<String>>> others = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        String key = "k" + i;
        others.add(threads.submit(() -> reads.read(key)));
      }
      await().until(() -> reads.waiting() == 5);

      await().during(Duration.ofMillis(100)).until(() -> queries.size() == 1);
      reads.close();
      for (Future<Optional<String>> other : others) {
        assertThat(other.get()).isPresent();
      }
    }
  }

  @Test
  void moreThanMayWaitIsTurnedAway() throws Exception {
    try (BatchedReads<String, String> reads =
            reads(new Limits(1, SLOW, Duration.ZERO, 10, 1, PATIENCE));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Optional<String>> first = threads.submit(() -> reads.read("a"));
      await().until(() -> queries.size() == 1);

      assertThatExceptionOfType(OverloadedException.class).isThrownBy(() -> reads.read("b"));
      answers.release();
      assertThat(first.get()).contains("A");
      answers.release();
      assertThat(reads.read("b")).contains("B");
    }
  }

  @Test
  void noAnswerInTimeIsToldAsUnavailable() {
    try (BatchedReads<String, String> reads =
        reads(new Limits(1, SLOW, Duration.ZERO, 10, 10, Duration.ofMillis(50)))) {
      assertThatExceptionOfType(StoreUnavailableException.class).isThrownBy(() -> reads.read("a"));
      assertThat(reads.waiting()).isZero();
      answers.release();
    }
  }

  @Test
  void aFailureIsToldToWhomItMetAndToNobodyElse() {
    try (BatchedReads<String, String> reads =
        new BatchedReads<>(
            "test",
            new Limits(1, SLOW, Duration.ZERO, 10, 10, PATIENCE),
            keys -> {
              if (keys.contains("bad")) {
                throw new StoreUnavailableException("gone", new IllegalStateException());
              }
              return upperCase(keys);
            })) {
      assertThatExceptionOfType(StoreUnavailableException.class)
          .isThrownBy(() -> reads.read("bad"))
          .withMessage("gone");
      assertThat(reads.read("good")).contains("GOOD");
    }
  }

  /** Each query waits to be answered by {@link #answers}. */
  private BatchedReads<String, String> reads(Limits limits) {
    return new BatchedReads<>(
        "test",
        limits,
        keys -> {
          queries.add(keys);
          answers.acquireUninterruptibly();
          return upperCase(keys);
        });
  }

  private static Map<String, String> upperCase(List<String> keys) {
    Map<String, String> found = new HashMap<>();
    keys.stream()
        .filter(key -> !key.equals("absent"))
        .forEach(key -> found.put(key, key.toUpperCase(Locale.ROOT)));
    return found;
  }
}
