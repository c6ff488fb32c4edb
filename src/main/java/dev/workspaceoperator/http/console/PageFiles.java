package dev.workspaceoperator.http.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.workspaceoperator.digest.Sha256;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The files of the page. All but its first one stand in a folder that is named by a hash over all
 * of them, so that they refer to each other as they are on disk, are kept by browsers for ever, and
 * never come from two versions at once.
 */
final class PageFiles {
  private static final String HOME = "/console/";

  /** Enough to tell versions apart. */
  private static final int HASH_BYTES = 9;

  /** Ours; those that the first look at a workspace needs come first. */
  static final List<String> OWN =
      List.of(
          "style.css",
          "icon.svg",
          "main.js",
          "html.js",
          "api.js",
          "clock.js",
          "stream.js",
          "feed.js",
          "session.js",
          "format.js",
          "forecast.js",
          "signin.js",
          "oidc.js",
          "dialog.js",
          "status.js",
          "workspace.js",
          "killswitch.js",
          "settings.js",
          "budget.js",
          "runs.js",
          "people.js",
          "changes.js",
          "usage.js",
          "chart.js",
          "fleet.js",
          "rows.js");

  /** What is loaded once it is looked at. */
  private static final List<String> LATER =
      List.of("oidc.js", "fleet.js", "rows.js", "chart.js", "lib/uplot.js");

  private final List<PageFile> inFolder;
  private final String folder;
  private final PageFile index;

  private PageFiles(List<PageFile> inFolder) {
    this.inFolder = inFolder;
    this.folder = hash(inFolder);
    this.index = new PageFile("index.html", index(inFolder, folder));
  }

  /** Those in this program. */
  static PageFiles load() {
    return new PageFiles(
        Stream.concat(
                OWN.stream().map(name -> PageFile.of(name, HOME + name)),
                Stream.of(
                    library("lib/preact.js", "org.webjars.npm", "preact", "dist/preact.module.js"),
                    library("lib/htm.js", "org.mvnpm", "htm", "dist/htm.module.js"),
                    library("lib/uplot.js", "org.webjars.npm", "uplot", "dist/uPlot.esm.js"),
                    library("lib/uplot.css", "org.webjars.npm", "uplot", "dist/uPlot.min.css")))
            .toList());
  }

  /** What the page begins with; it is never kept without a question. */
  PageFile index() {
    return index;
  }

  /** All others. */
  List<PageFile> inFolder() {
    return inFolder;
  }

  /** The name of the folder that the others are in. */
  String folder() {
    return folder;
  }

  /** A file out of the jar that a library is published in, whatever its version. */
  private static PageFile library(String name, String group, String artifact, String path) {
    Properties published = new Properties();
    try {
      published.load(
          new ByteArrayInputStream(
              PageFile.read("/META-INF/maven/%s/%s/pom.properties".formatted(group, artifact))));
    } catch (IOException e) {
      throw new UncheckedIOException("what says the version of " + artifact + " is broken", e);
    }
    return PageFile.of(
        name,
        "/META-INF/resources/%s/%s/%s/%s"
            .formatted(
                group.equals("org.mvnpm") ? "_static" : "webjars",
                artifact,
                published.getProperty("version"),
                path));
  }

  private static String hash(List<PageFile> files) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (PageFile file : files) {
      all.writeBytes((file.name() + '\0' + file.plain().length + '\0').getBytes(UTF_8));
      all.writeBytes(file.plain());
    }
    byte[] hash = Sha256.of(all.toByteArray());
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(java.util.Arrays.copyOf(hash, HASH_BYTES));
  }

  /** With hints for what is needed at once: modules would be found one after the other. */
  private static byte[] index(List<PageFile> files, String folder) {
    String hints =
        files.stream()
            .map(PageFile::name)
            .filter(name -> name.endsWith(".js") && !LATER.contains(name))
            .map(name -> "    <link rel=\"modulepreload\" href=\"%s/%s\">".formatted(folder, name))
            .collect(Collectors.joining("\n"));
    return new String(PageFile.read(HOME + "index.html"), UTF_8)
        .replace("<!-- preload -->", hints.strip())
        .replace("@folder@", folder)
        .getBytes(UTF_8);
  }
}
