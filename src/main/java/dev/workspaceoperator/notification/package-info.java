/**
 * Notifications (design.md §17): what happened is sent to receivers as CloudEvents, signed, in
 * order for each workspace, until it has arrived or three days have passed.
 */
@NullMarked
package dev.workspaceoperator.notification;

import org.jspecify.annotations.NullMarked;
