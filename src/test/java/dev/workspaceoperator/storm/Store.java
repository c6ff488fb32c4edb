package dev.workspaceoperator.storm;

import dev.workspaceoperator.env.EmbeddedDatabase;
import dev.workspaceoperator.env.PostgresPair;

/** The PostgreSQL that replicas work on: what was acknowledged is held against this one. */
interface Store extends AutoCloseable {
  /** Of the server that is the primary now. */
  String url();

  /** Every process of it is killed, and it is started again. */
  void crash() throws InterruptedException;

  @Override
  void close();

  /** One server. */
  static Store of(EmbeddedDatabase database) {
    return new Store() {
      @Override
      public String url() {
        return database.url();
      }

      @Override
      public void crash() throws InterruptedException {
        database.kill();
        database.start();
      }

      @Override
      public void close() {
        database.close();
      }
    };
  }

  /** Two servers, of which the one takes over from the other. */
  static Store of(PostgresPair pair) {
    return new Store() {
      @Override
      public String url() {
        return pair.primary().url();
      }

      @Override
      public void crash() {
        throw new IllegalStateException(
            "the primary of a pair is not started again: it fails over");
      }

      @Override
      public void close() {
        pair.close();
      }
    };
  }
}
