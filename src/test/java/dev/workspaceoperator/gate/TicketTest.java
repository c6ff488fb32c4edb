package dev.workspaceoperator.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Refusal;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A ticket has one outcome, whatever comes after it. */
@Timeout(30)
class TicketTest {
  private final Ticket<Integer> ticket = new Ticket<>(new Operation.Expire(new UUID(0, 1)), 0);

  @Test
  void whatIsCommittedIsAnsweredThoughItFailsBeforeItIsTold() {
    ticket.decide(new Refusing());
    ticket.commit();
    ticket.fail(tooLate());
    ticket.withdraw(tooLate());
    ticket.undo();
    ticket.tell();
    assertThat(ticket.await()).isEqualTo(Outcome.refused(new Refusal.NotFound()));
  }

  @Test
  void whatHasFailedIsNotCommittedAfter() {
    ticket.decide(new Refusing());
    ticket.fail(new IllegalStateException("first"));
    ticket.commit();
    ticket.fail(tooLate());
    assertThatThrownBy(ticket::await).hasMessage("first");
  }

  @Test
  void whatIsWithdrawnIsNotDecided() {
    ticket.withdraw(new IllegalStateException("withdrawn"));
    ticket.decide(
        new Ticket.Decider() {
          @Override
          public <R> Outcome<R> decide(Operation<R> operation) {
            throw new AssertionError("nobody waits for it");
          }
        });
    ticket.commit();
    assertThatThrownBy(ticket::await).hasMessage("withdrawn");
  }

  @Test
  void whatIsDecidedIsNotWithdrawnBeforeItCameToNothing() {
    ticket.decide(new Refusing());
    ticket.withdraw(tooLate());
    assertThat(ticket.isQueued()).isFalse();
    ticket.undo();
    assertThat(ticket.isQueued()).isTrue();
    ticket.commit();
    ticket.withdraw(new IllegalStateException("withdrawn"));
    assertThatThrownBy(ticket::await).hasMessage("withdrawn");
  }

  private static RuntimeException tooLate() {
    return new IllegalStateException("too late");
  }

  private static final class Refusing implements Ticket.Decider {
    @Override
    public <R> Outcome<R> decide(Operation<R> operation) {
      return Outcome.refused(new Refusal.NotFound());
    }
  }
}
