package dev.workspaceoperator.workspace;

/**
 * One call of a model as one thing that is asked for: a run of one step, both under one id.
 *
 * @param run carries the label {@link #LABEL}
 * @param step has the run's id
 */
public record Call(Run run, Step step) {
  /** The label of every run that is a call; its value is {@code true}. */
  public static final String LABEL = "workspace-operator.dev/call";
}
