package dev.workspaceoperator.http.console;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** A file of the page, as it is and as it is sent to whoever takes gzip. */
final class PageFile {
  private final String name;
  private final byte[] plain;
  private final byte[] compressed;

  PageFile(String name, byte[] plain) {
    this.name = name;
    this.plain = plain;
    this.compressed = gzip(plain);
  }

  /**
   * A file that is in this program.
   *
   * @param name under which the page knows it
   * @param resource where it is
   */
  static PageFile of(String name, String resource) {
    return new PageFile(name, read(resource));
  }

  static byte[] read(String resource) {
    try (InputStream input = PageFile.class.getResourceAsStream(resource)) {
      if (input == null) {
        throw new IllegalStateException("the program lacks " + resource);
      }
      return input.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("the program has no readable " + resource, e);
    }
  }

  String name() {
    return name;
  }

  /** The bytes; not to be changed. */
  byte[] plain() {
    return plain;
  }

  /** The bytes as gzip (RFC 1952); not to be changed. */
  byte[] compressed() {
    return compressed;
  }

  /** Its media type, by its name. */
  String mediaType() {
    String suffix = name.substring(name.lastIndexOf('.') + 1);
    return switch (suffix) {
      case "js" -> "text/javascript";
      case "css" -> "text/css";
      case "svg" -> "image/svg+xml";
      case "html" -> "text/html";
      default -> throw new IllegalStateException("no media type is known for " + name);
    };
  }

  private static byte[] gzip(byte[] plain) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(plain.length / 2);
    try (GZIPOutputStream output = new BestGzip(bytes)) {
      output.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException("gzip cannot be written to memory", e);
    }
    return bytes.toByteArray();
  }

  /** It is done once, and sent often. */
  private static final class BestGzip extends GZIPOutputStream {
    BestGzip(ByteArrayOutputStream bytes) throws IOException {
      super(bytes);
      def.setLevel(Deflater.BEST_COMPRESSION);
    }
  }
}
