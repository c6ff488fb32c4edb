package dev.workspaceoperator.share;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * A bounded queue that serves those who wait in turn: one item of each, again and again, and the
 * items of one in the order of their coming. So whoever waits with one item is served in the next
 * round, however many another has waiting.
 *
 * @param <K> who waits
 * @param <T> for what
 */
public final class TurnQueue<K, T> {
  private final ShareBounds bounds;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition notEmpty = lock.newCondition();
  private final Map<K, Line<K, T>> lines = new HashMap<>();
  private final Deque<Line<K, T>> turns = new ArrayDeque<>();
  private int size;

  /** An empty one. */
  public TurnQueue(ShareBounds bounds) {
    this.bounds = bounds;
  }

  /** What became of an item that was offered. */
  public enum Offer {
    /** It waits. */
    TAKEN,
    /** One has as many waiting as he may. */
    OWN_SHARE_FULL,
    /** The whole queue is full. */
    ALL_FULL
  }

  /** Puts it at the end of one's line, if there is room. */
  public Offer offer(K whose, T item) {
    return offer(whose, item, bounds);
  }

  /** As {@link #offer(Object, Object)}, for one who has other bounds than all the rest. */
  public Offer offer(K whose, T item, ShareBounds his) {
    lock.lock();
    try {
      Line<K, T> line = lines.get(whose);
      if (line != null && line.items.size() >= his.ofOne()) {
        return Offer.OWN_SHARE_FULL;
      }
      if (size >= his.all()) {
        return Offer.ALL_FULL;
      }
      if (line == null) {
        line = new Line<>(whose);
        lines.put(whose, line);
        turns.addLast(line);
      }
      line.items.addLast(item);
      size++;
      if (size == 1) {
        notEmpty.signalAll();
      }
      return Offer.TAKEN;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until there is something; false if there is nothing after all that time. */
  public boolean awaitItem(Duration patience) throws InterruptedException {
    long left = patience.toNanos();
    lock.lockInterruptibly();
    try {
      while (size == 0 && left > 0) {
        left = notEmpty.awaitNanos(left);
      }
      return size > 0;
    } finally {
      lock.unlock();
    }
  }

  /** Takes what is next in turn, at most so many. */
  public List<T> take(int most) {
    return take(most, _ -> most);
  }

  /**
   * As {@link #take(int)}, of one at most as many as is said of him: whoever has had that keeps his
   * turn for the next time.
   */
  public List<T> take(int most, ToIntFunction<K> mostOfOne) {
    lock.lock();
    try {
      List<T> taken = new ArrayList<>(Math.min(most, size));
      Deque<Line<K, T>> satisfied = new ArrayDeque<>();
      while (taken.size() < most && !turns.isEmpty()) {
        Line<K, T> line = turns.removeFirst();
        if (line.taken >= mostOfOne.applyAsInt(line.whose)) {
          satisfied.addLast(line);
          continue;
        }
        taken.add(line.items.removeFirst());
        line.taken++;
        size--;
        if (line.items.isEmpty()) {
          lines.remove(line.whose);
        } else {
          turns.addLast(line);
        }
      }
      turns.addAll(satisfied);
      turns.forEach(line -> line.taken = 0);
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Takes what is next in turn of those who may come now. */
  public Optional<T> takeFirst(Predicate<? super K> mayCome) {
    lock.lock();
    try {
      for (Iterator<Line<K, T>> each = turns.iterator(); each.hasNext(); ) {
        Line<K, T> line = each.next();
        if (mayCome.test(line.whose)) {
          each.remove();
          T item = line.items.removeFirst();
          size--;
          if (line.items.isEmpty()) {
            lines.remove(line.whose);
          } else {
            turns.addLast(line);
          }
          return Optional.of(item);
        }
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /** Puts items back that were taken, before all others of his; there is always room for them. */
  public void putBack(K whose, List<T> items) {
    if (items.isEmpty()) {
      return;
    }
    lock.lock();
    try {
      Line<K, T> line = lines.get(whose);
      if (line == null) {
        line = new Line<>(whose);
        lines.put(whose, line);
        turns.addLast(line);
      }
      items.reversed().forEach(line.items::addFirst);
      size += items.size();
      notEmpty.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Takes out, from wherever they wait, the items that this says yes to. */
  public List<T> takeIf(Predicate<T> test) {
    lock.lock();
    try {
      List<T> taken = new ArrayList<>();
      for (Iterator<Line<K, T>> each = turns.iterator(); each.hasNext(); ) {
        Line<K, T> line = each.next();
        line.items.removeIf(item -> test.test(item) && taken.add(item));
        if (line.items.isEmpty()) {
          lines.remove(line.whose);
          each.remove();
        }
      }
      size -= taken.size();
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** How many items wait. */
  public int size() {
    lock.lock();
    try {
      return size;
    } finally {
      lock.unlock();
    }
  }

  public boolean isEmpty() {
    return size() == 0;
  }

  /** What one has waiting. */
  private static final class Line<K, T> {
    final K whose;
    final Deque<T> items = new ArrayDeque<>();

    /** Of it in the take that is under way. */
    int taken;

    Line(K whose) {
      this.whose = whose;
    }
  }
}
