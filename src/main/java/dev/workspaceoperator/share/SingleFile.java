package dev.workspaceoperator.share;

import dev.workspaceoperator.workspace.OverloadedException;
import dev.workspaceoperator.workspace.ShareExceededException;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Things of which one tenant does one at a time: his next ones wait in the order of their coming,
 * few and not for long, and those of others do not notice.
 *
 * @param <K> whose they are
 */
public final class SingleFile<K> {
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final String what;
  private final int most;
  private final Duration patience;
  private final ShareWatch watch;
  private final Map<K, Line> lines = new HashMap<>();

  /**
   * In which nobody is.
   *
   * @param name for metrics and log, such as {@code kill-switches}
   * @param what they are, for callers, such as {@code kill switches}
   * @param most of one tenant that are done or wait
   * @param patience how long one waits
   */
  public SingleFile(String name, String what, int most, Duration patience, MeterRegistry registry) {
    this.what = what;
    this.most = most;
    this.patience = patience;
    this.watch = new ShareWatch(name, registry);
  }

  /**
   * Waits until none of his is under way.
   *
   * @return his turn, to be given back once
   * @throws ShareExceededException if too many of his wait already, or he waited too long
   * @throws OverloadedException if the thread is interrupted meanwhile
   */
  public Shares.Place take(K whose) {
    Line line = join(whose);
    boolean isTurn = false;
    try {
      isTurn = line.turn.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OverloadedException("interrupted while others were before");
    } finally {
      if (!isTurn) {
        leave(whose, line);
      }
    }
    if (!isTurn) {
      throw refused(whose);
    }
    return () -> {
      line.turn.release();
      leave(whose, line);
    };
  }

  private Line join(K whose) {
    synchronized (lines) {
      Line line = lines.computeIfAbsent(whose, _ -> new Line());
      if (line.size < most) {
        line.size++;
        return line;
      }
    }
    throw refused(whose);
  }

  private void leave(K whose, Line line) {
    synchronized (lines) {
      line.size--;
      if (line.size == 0) {
        lines.remove(whose);
      }
    }
  }

  private ShareExceededException refused(K whose) {
    watch.ownShareIsFull(whose);
    return new ShareExceededException(
        "%s are done one at a time, and others of yours are under way".formatted(what), RETRY);
  }

  /** Of one tenant. */
  private static final class Line {
    final Semaphore turn = new Semaphore(1, true);
    int size;
  }
}
