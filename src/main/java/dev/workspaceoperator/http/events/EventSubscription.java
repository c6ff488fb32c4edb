package dev.workspaceoperator.http.events;

import dev.workspaceoperator.auth.Authenticator;
import dev.workspaceoperator.http.events.EventMailbox.Delivery;
import dev.workspaceoperator.http.events.EventMailbox.End;
import dev.workspaceoperator.http.server.Answer;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.port.OverloadedException;
import dev.workspaceoperator.workspace.port.ShareExceededException;
import dev.workspaceoperator.workspace.port.Snapshot;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** One open stream; written by its connection's thread, which sleeps while nothing happens. */
final class EventSubscription implements Answer.StreamBody {
  /** How often a stream tells what is spent, at most. */
  static final Duration USAGE_EVERY = Duration.ofSeconds(1);

  private static final Duration JUDGE_AGAIN = Duration.ofMillis(500);

  /** Longer than any stream lives without being judged for another reason. */
  private static final Duration NEVER = Duration.ofDays(1);

  private final UUID workspaceId;
  private final ResourceIdentity identity;
  private final StreamInterest interest;
  private final Supplier<Authenticator.Result> credential;
  private final Consumer<EventSubscription> onClose;
  private final EventMailbox mailbox;
  private final CheckTimes checks;
  private final Duration heartbeatEvery;
  private final long openedAt = System.nanoTime();
  private long heartbeatAt;

  /** When the credential is judged next for its own end; the first time tells when that is. */
  private volatile long judgeAt = openedAt;

  private volatile Cause cause = Cause.CLIENT;

  /** Why a stream has ended. */
  enum Cause {
    /** Its client is gone, or did not read. */
    CLIENT,
    /** Its credential is good no longer. */
    CREDENTIAL,
    /** The server stops. */
    SHUTDOWN
  }

  /**
   * A stream that begins with this snapshot.
   *
   * @param credential judges the credential as it is now
   * @param heartbeatEvery how long nothing is said at most
   * @param onClose hears of its end
   */
  EventSubscription(
      Snapshot snapshot,
      EventFrames frames,
      StreamInterest interest,
      Supplier<Authenticator.Result> credential,
      Duration heartbeatEvery,
      Consumer<EventSubscription> onClose) {
    this.workspaceId = snapshot.workspace().id();
    this.identity = snapshot.workspace().identity();
    this.interest = interest;
    this.credential = credential;
    this.heartbeatEvery = heartbeatEvery;
    this.onClose = onClose;
    this.mailbox =
        new EventMailbox(
            frames.workspace(snapshot),
            interest == StreamInterest.SETTINGS_AND_USAGE
                ? Optional.of(frames.usage(snapshot))
                : Optional.empty());
    this.checks = new CheckTimes(openedAt);
    this.heartbeatAt = openedAt + heartbeatEvery.toNanos();
  }

  ResourceIdentity identity() {
    return identity;
  }

  StreamInterest interest() {
    return interest;
  }

  /** Whether it tells the usage, and is open for a second at least; the hub asks once a second. */
  boolean mayTellUsage(long now) {
    return interest == StreamInterest.SETTINGS_AND_USAGE && now - openedAt >= USAGE_EVERY.toNanos();
  }

  EventMailbox mailbox() {
    return mailbox;
  }

  Cause cause() {
    return cause;
  }

  /**
   * Asks for what is due by the clock; called by one thread only.
   *
   * @param changedAt when something changed last that may bear on the credential
   */
  void tick(long now, long changedAt) {
    if (now - heartbeatAt >= 0) {
      heartbeatAt += heartbeatEvery.toNanos();
      mailbox.askForHeartbeat();
    }
    boolean mayHaveEnded = now - judgeAt >= 0;
    if (mayHaveEnded) {
      judgeAt = now + JUDGE_AGAIN.toNanos();
    }
    if (mayHaveEnded || checks.isDue(now, changedAt)) {
      mailbox.askForCheck();
    }
  }

  @Override
  public void writeTo(OutputStream output) throws IOException {
    try {
      for (Delivery delivery = mailbox.take(); !isOver(delivery); delivery = mailbox.take()) {
        write(delivery, output);
      }
    } catch (InterruptedException e) {
      // The server stops.
      cause = Cause.SHUTDOWN;
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    onClose.accept(this);
  }

  private boolean isOver(Delivery delivery) {
    End end = delivery.end();
    if (end == null && delivery.check() && !isStillWelcome()) {
      end = End.REVOKED;
    }
    if (end != null) {
      cause = end == End.SHUTDOWN ? Cause.SHUTDOWN : Cause.CREDENTIAL;
    }
    return end != null;
  }

  private static void write(Delivery delivery, OutputStream output) throws IOException {
    if (delivery.workspace() != null) {
      delivery.workspace().writeTo(output);
    }
    if (delivery.usage() != null) {
      delivery.usage().writeTo(output);
    }
    if (delivery.heartbeat()) {
      EventFrames.HEARTBEAT.writeTo(output);
    }
    output.flush();
  }

  /** Whether the credential still opens this stream. While that cannot be told, nothing is told. */
  private boolean isStillWelcome() {
    long startedAt = System.nanoTime();
    try {
      Authenticator.Result result = credential.get();
      checks.checked(startedAt);
      mailbox.release();
      if (result instanceof Authenticator.Accepted accepted) {
        judgeAt = startedAt + untilEnd(accepted.endsAt()).toNanos();
        return accepted.principal().workspaceId().equals(Optional.of(workspaceId))
            && accepted.principal().scopes().contains(Scope.WORKSPACE_READ);
      }
      return false;
    } catch (StoreUnavailableException | OverloadedException | ShareExceededException e) {
      checks.failed(System.nanoTime());
      mailbox.hold();
      return true;
    }
  }

  /** By this clock, which may be ahead of the store's: then it is asked again and again. */
  private static Duration untilEnd(Optional<Instant> end) {
    Duration left = end.map(at -> Duration.between(Instant.now(), at)).orElse(NEVER);
    Duration bounded = left.compareTo(NEVER) < 0 ? left : NEVER;
    return bounded.compareTo(JUDGE_AGAIN) < 0 ? JUDGE_AGAIN : bounded;
  }
}
