package dev.workspaceoperator.storm;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One run, step or call that was asked for, and all that was acknowledged about it. */
final class Admission {
  /** What is known of the request. */
  enum State {
    ASKED,
    ADMITTED,
    REFUSED
  }

  final Ask ask;
  final String userId;
  final Optional<Admission> run;

  /** What a step or a call reserves; of a run its own cap, or -1. In micro-USD. */
  final long micros;

  private final boolean call;
  private final List<String> history = new ArrayList<>(2);
  private State state = State.ASKED;
  private boolean doubtful;
  private String id = "";
  private String refusal = "";
  private LocalDate day = LocalDate.EPOCH;
  private long settled = -1;
  private String leaseEnd = "";
  private String status = "";
  private volatile boolean cancelAsked;

  private Admission(Ask ask, String userId, Optional<Admission> run, long micros, boolean call) {
    this.call = call;
    this.ask = ask;
    this.userId = userId;
    this.run = run;
    this.micros = micros;
  }

  static Admission ofRun(Ask ask, String userId, long capMicros) {
    return new Admission(ask, userId, Optional.empty(), capMicros, false);
  }

  static Admission ofStep(Ask ask, Admission run, long micros) {
    return new Admission(ask, run.userId, Optional.of(run), micros, false);
  }

  static Admission ofCall(Ask ask, String userId, long micros) {
    return new Admission(ask, userId, Optional.empty(), micros, true);
  }

  String key() {
    return ask.key().orElseThrow();
  }

  boolean isRun() {
    return run.isEmpty() && !call;
  }

  boolean isCall() {
    return call;
  }

  /** Of a step or a call: the run that it is of. */
  String runId() {
    return call ? id() : run.orElseThrow().id();
  }

  /** For people. */
  String what() {
    return call ? "call" : isRun() ? "run" : "step";
  }

  synchronized void admitted(String itsId, LocalDate itsDay, String how) {
    state = State.ADMITTED;
    doubtful = false;
    id = itsId;
    day = itsDay;
    history.add("admitted as " + itsId + how);
  }

  /** Refused; where an earlier attempt may still come through, that is to be asked once more. */
  synchronized void refused(String code, boolean mayStillCome) {
    state = State.REFUSED;
    refusal = code;
    doubtful = mayStillCome;
    history.add("refused " + code + (mayStillCome ? ", an earlier attempt is open" : ""));
  }

  /** The cost of the step is acknowledged. */
  synchronized void settled(long itsMicros) {
    settled = itsMicros;
    history.add("settled at " + itsMicros);
  }

  /** The run's end is acknowledged. */
  synchronized void ended(String itsStatus) {
    status = itsStatus;
    history.add("ended as " + itsStatus);
  }

  /** The run's lease is acknowledged. */
  synchronized void leased(String end) {
    leaseEnd = end.compareTo(leaseEnd) > 0 ? end : leaseEnd;
  }

  synchronized void note(String what) {
    history.add(what);
  }

  void askToCancel() {
    cancelAsked = true;
  }

  boolean cancelAsked() {
    return cancelAsked;
  }

  synchronized State state() {
    return state;
  }

  synchronized boolean doubtful() {
    return doubtful;
  }

  /** The newest code that it was refused with; empty if it never was. */
  synchronized String refusal() {
    return refusal;
  }

  synchronized String id() {
    return id;
  }

  synchronized LocalDate day() {
    return day;
  }

  /** The acknowledged cost; -1 if there is none. */
  synchronized long settled() {
    return settled;
  }

  synchronized String leaseEnd() {
    return leaseEnd;
  }

  /** The acknowledged end; empty if there is none. */
  synchronized String status() {
    return status;
  }

  /** What a step costs in the end: what was not settled is charged in full. */
  synchronized long finalCost() {
    return settled < 0 ? micros : settled;
  }

  /** For people. */
  synchronized List<String> history() {
    List<String> all = new ArrayList<>();
    all.add("%s %s of %s, %d micro-USD: %s".formatted(what(), key(), userId, micros, ask.body()));
    all.addAll(history);
    return all;
  }
}
