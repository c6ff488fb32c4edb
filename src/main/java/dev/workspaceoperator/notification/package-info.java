/**
 * Notifications (design.md §17): what happened is sent to receivers as CloudEvents, signed, in
 * order for each workspace, until it has arrived or three days have passed.
 *
 * <p>Start reading at {@link dev.workspaceoperator.notification.NotificationSender}.
 */
@NullMarked
package dev.workspaceoperator.notification;

import org.jspecify.annotations.NullMarked;
