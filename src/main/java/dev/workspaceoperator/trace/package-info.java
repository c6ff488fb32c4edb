/**
 * What of a trace (W3C Trace Context, OpenTelemetry) a process adds and passes on: spans, the trace
 * that a thread's work is a part of, and their export. It may use {@code loop} and {@code metric};
 * it alone knows OpenTelemetry's classes, and none is loaded where nobody asks for traces.
 *
 * <p>Start reading at {@link dev.workspaceoperator.trace.Tracer}.
 */
@NullMarked
package dev.workspaceoperator.trace;

import org.jspecify.annotations.NullMarked;
