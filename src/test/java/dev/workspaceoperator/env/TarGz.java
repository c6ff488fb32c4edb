package dev.workspaceoperator.env;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/** Takes named files out of a .tar.gz, as far as the envtest archives need it (plain ustar). */
final class TarGz {
  private static final int BLOCK = 512;

  private TarGz() {}

  /** Writes each wanted file, wherever it lies in the archive, into the directory. */
  static void extract(Path archive, List<String> wanted, Path into) throws IOException {
    Set<String> missing = new HashSet<>(wanted);
    try (InputStream in = new GZIPInputStream(Files.newInputStream(archive), 1 << 16)) {
      while (!missing.isEmpty()) {
        byte[] header = in.readNBytes(BLOCK);
        if (header.length < BLOCK || header[0] == 0) {
          throw new EOFException(archive.getFileName() + " has no " + missing);
        }
        String name = text(header, 0, 100);
        long size = Long.parseLong(text(header, 124, 12).strip(), 8);
        String file = name.substring(name.lastIndexOf('/') + 1);
        long taken = 0;
        if (missing.remove(file)) {
          taken = copy(in, size, into.resolve(file));
        }
        in.skipNBytes((size + BLOCK - 1) / BLOCK * BLOCK - taken);
      }
    }
  }

  private static long copy(InputStream in, long size, Path to) throws IOException {
    try (var out = Files.newOutputStream(to)) {
      byte[] buffer = new byte[1 << 16];
      long left = size;
      while (left > 0) {
        int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (read < 0) {
          throw new EOFException("the archive ends inside " + to.getFileName());
        }
        out.write(buffer, 0, read);
        left -= read;
      }
    }
    return size;
  }

  private static String text(byte[] header, int at, int length) {
    int end = at;
    while (end < at + length && header[end] != 0) {
      end++;
    }
    return new String(header, at, end - at, StandardCharsets.US_ASCII);
  }
}
