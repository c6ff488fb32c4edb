package dev.workspaceoperator.notification;

import java.net.URI;
import java.util.Set;

/**
 * Who is told.
 *
 * @param name of the receiver in metrics and log
 * @param url takes a POST
 * @param key signs what is sent
 * @param kinds what it wants: the first parts of types, such as {@code kill-switch}
 */
record Receiver(String name, URI url, SigningKey key, Set<String> kinds) {
  Receiver {
    kinds = Set.copyOf(kinds);
  }
}
