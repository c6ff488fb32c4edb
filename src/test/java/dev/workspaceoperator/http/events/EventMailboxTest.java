package dev.workspaceoperator.http.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.http.events.EventMailbox.Delivery;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Of each event only the newest waits. */
class EventMailboxTest {
  private final EventMailbox mailbox = new EventMailbox(frame("w1"), Optional.of(frame("u1")));

  @Test
  void beginsWithTheFirstEvents() throws InterruptedException {
    Delivery work = mailbox.take();

    assertThat(work.workspace()).isEqualTo(frame("w1"));
    assertThat(work.usage()).isEqualTo(frame("u1"));
  }

  @Test
  void keepsTheNewestOfEachEventOnly() throws InterruptedException {
    mailbox.take();
    mailbox.offerWorkspace(frame("w2"));
    mailbox.offerUsage(frame("u2"));
    mailbox.offerWorkspace(frame("w3"));

    Delivery work = mailbox.take();

    assertThat(work.workspace()).isEqualTo(frame("w3"));
    assertThat(work.usage()).isEqualTo(frame("u2"));
  }

  @Test
  void doesNotTellTwiceWhatItHasTold() throws InterruptedException {
    mailbox.take();
    mailbox.offerWorkspace(frame("w1"));
    mailbox.askForHeartbeat();

    Delivery work = mailbox.take();

    assertThat(work.heartbeat()).isTrue();
    assertThat(work.workspace()).isNull();
  }

  @Test
  void keepsEventsBackWhileTheCredentialCannotBeJudged() throws InterruptedException {
    mailbox.take();
    mailbox.hold();
    mailbox.offerWorkspace(frame("w2"));
    mailbox.askForHeartbeat();

    assertThat(mailbox.take().workspace()).isNull();
    mailbox.release();
    assertThat(mailbox.take().workspace()).isEqualTo(frame("w2"));
  }

  @Test
  void endsForTheFirstReason() throws InterruptedException {
    mailbox.end(EventMailbox.End.REVOKED);
    mailbox.end(EventMailbox.End.SHUTDOWN);

    assertThat(mailbox.take().end()).isEqualTo(EventMailbox.End.REVOKED);
  }

  private static EventFrame frame(String text) {
    return new EventFrame(text.getBytes(UTF_8));
  }
}
