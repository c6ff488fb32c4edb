package dev.workspaceoperator.http;

import dev.workspaceoperator.http.server.Exchange;
import dev.workspaceoperator.http.server.RequestSlots;
import dev.workspaceoperator.share.ShareBounds;
import dev.workspaceoperator.share.Shares;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;

/**
 * The places of exports that are being sent, shared out as streams are (design.md §12): each reads
 * the books for as long as its client takes it.
 */
public final class UsageExports {
  /**
   * At once, and of these one workspace a half: each asks the store half of the time, on the
   * connections of requests.
   */
  public static final ShareBounds BOUNDS = ShareBounds.parts(4, 2);

  private static final Duration TRY_AGAIN = Duration.ofSeconds(5);

  private final Shares<Object> places;

  public UsageExports(MeterRegistry registry) {
    this.places = new Shares<>("usage-exports", "exports of usage", BOUNDS, registry);
  }

  /**
   * Takes a place of whoever asks.
   *
   * @throws dev.workspaceoperator.workspace.port.ShareExceededException if he has all that he may
   * @throws dev.workspaceoperator.workspace.port.OverloadedException if all are taken
   */
  Shares.Place take(Exchange exchange) {
    return places.take(RequestSlots.tenant(exchange.principal()), TRY_AGAIN);
  }
}
