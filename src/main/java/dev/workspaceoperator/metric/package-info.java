/**
 * Every figure that Prometheus reads, in one place: its name, its labels, what it means and which
 * role tells it; docs/metrics.md is made from it. It may use nothing else of this program; all but
 * {@code workspace} may use it.
 *
 * <p>Start reading at {@link dev.workspaceoperator.metric.Metric}.
 */
@NullMarked
package dev.workspaceoperator.metric;

import org.jspecify.annotations.NullMarked;
