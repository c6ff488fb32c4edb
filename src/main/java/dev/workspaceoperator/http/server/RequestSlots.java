package dev.workspaceoperator.http.server;

import dev.workspaceoperator.auth.Principal;
import dev.workspaceoperator.share.ShareBounds;
import dev.workspaceoperator.share.Shares;
import dev.workspaceoperator.workspace.port.OverloadedException;
import dev.workspaceoperator.workspace.port.ShareExceededException;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;

/**
 * The places of requests, shared out so that nobody can take those of others (design.md §12). A
 * request holds one of the strangers' while its credential is judged, and not a moment longer:
 * never while its client is waited for. Then it holds one of its workspace's until it is answered;
 * a kill switch does so from when its body has come.
 */
public final class RequestSlots {
  /** Of all places, those who have not signed in yet have one part of so many. */
  private static final int STRANGERS_PARTS = 8;

  /**
   * They have so many at least: more than wait in all lines of sign-in together, as {@link
   * dev.workspaceoperator.auth.SignInBounds} says.
   */
  public static final int STRANGERS_MIN = 2_048;

  /** Of all places, one workspace has at most one part of so many. */
  private static final int WORKSPACE_PARTS = 4;

  /** Beside all others: kill switches of workspaces. */
  public static final ShareBounds KILL_SWITCHES = ShareBounds.parts(64, 8);

  /** Beside all others: the installation's kill switch. */
  public static final ShareBounds PLATFORM_KILL_SWITCHES = new ShareBounds(8, 8);

  /**
   * Requests whose body may be large: 64 KiB of text are several times that once they are read, and
   * the heap does not hold as many as there are places.
   */
  public static final ShareBounds LARGE_BODIES = ShareBounds.parts(64, 4);

  /**
   * How long after a large body its place still counts as its workspace's. Each costs a millisecond
   * or two of a processor, and one workspace could keep all of them busy.
   */
  public static final Duration LARGE_BODY_REST = Duration.ofMillis(100);

  private static final String STRANGERS = "those who have not signed in";
  private static final Shares.Place NOWHERE = _ -> {};

  private final Shares<String> anonymous;
  private final Shares<Object> signedIn;
  private final Shares<Object> killSwitches;
  private final Shares<String> platformKillSwitches;
  private final Shares<Object> largeBodies;

  /**
   * As many as are told, and those of kill switches beside them.
   *
   * @param all at least 1
   */
  public RequestSlots(int all, MeterRegistry registry) {
    int strangers = strangers(all);
    ShareBounds signedInBounds = signedIn(all);
    this.anonymous =
        new Shares<>(
            "requests-anonymous",
            "requests that have not signed in",
            new ShareBounds(strangers, strangers),
            registry);
    this.signedIn = new Shares<>("requests", "requests", signedInBounds, registry);
    this.killSwitches =
        new Shares<>("requests-kill-switch", "kill switches", KILL_SWITCHES, registry);
    this.platformKillSwitches =
        new Shares<>(
            "requests-platform-kill-switch",
            "kill switches of the installation",
            PLATFORM_KILL_SWITCHES,
            registry);
    this.largeBodies = new Shares<>("large-bodies", "large bodies", LARGE_BODIES, registry);
  }

  /** How many of all places are for those who have not signed in yet. */
  public static int strangers(int all) {
    return Math.max(STRANGERS_MIN, all / STRANGERS_PARTS);
  }

  /** The places of those who have signed in. */
  public static ShareBounds signedIn(int all) {
    int places = Math.max(1, all - all / STRANGERS_PARTS);
    return new ShareBounds(places, Math.clamp(all / WORKSPACE_PARTS, 1, places));
  }

  /** For one request, which has no place yet. */
  public Slot slot() {
    return new Slot();
  }

  private Shares.Place placeOf(Principal principal, Route route) {
    return switch (route.cost()) {
      case AT_ONCE, IN_TURN -> signedIn.take(tenant(principal));
      case KILL_SWITCH ->
          route.reach() == Route.Reach.FLEET
              ? platformKillSwitches.take(Principal.INSTALLATION)
              : killSwitches.take(tenant(principal));
    };
  }

  /** Whose doing it is: a workspace's, or the installation's as one. */
  public static Object tenant(Principal principal) {
    return principal.workspaceId().<Object>map(id -> id).orElse(Principal.INSTALLATION);
  }

  /** The place of one request. */
  public final class Slot implements AutoCloseable {
    private Shares.Place place = NOWHERE;
    private Shares.Place bodyRoom = NOWHERE;
    private Duration bodyRest = Duration.ZERO;
    private Shares.Place answerRoom = NOWHERE;
    private boolean ofStranger = true;

    /**
     * Takes a place of those who are not known yet.
     *
     * @throws OverloadedException if there is none
     */
    void enter() {
      place = anonymous.take(STRANGERS);
    }

    /**
     * Moves to a place of whoever has signed in; the other is given back either way.
     *
     * @throws ShareExceededException if the workspace has all that it may have
     * @throws OverloadedException if all are taken
     */
    void signedIn(Principal principal, Route route) {
      close();
      place = placeOf(principal, route);
      ofStranger = false;
    }

    /**
     * Takes a place for a body that may be large, before it is read. A kill switch needs none: its
     * body is never large. Its workspace rests after it.
     *
     * @throws ShareExceededException if the workspace has all that it may have
     * @throws OverloadedException if all are taken
     */
    void largeBody(Principal principal) {
      bodyRoom = largeBodies.take(tenant(principal));
      bodyRest = LARGE_BODY_REST;
    }

    /** The body was not large: its workspace need not rest after it. */
    void bodyIsSmall() {
      bodyRest = Duration.ZERO;
    }

    /** Gives the place back, unless it is that of somebody who has signed in. */
    void leaveIfStranger() {
      if (ofStranger) {
        close();
      }
    }

    /** Keeps room for the answer, too, until it is sent. */
    void holdUntilSent(Shares.Place room) {
      answerRoom = room;
    }

    /** Gives the place back, if that was not done yet. */
    @Override
    public void close() {
      place.close();
      bodyRoom.close(bodyRest);
      answerRoom.close();
      place = NOWHERE;
      bodyRoom = NOWHERE;
      answerRoom = NOWHERE;
    }
  }
}
