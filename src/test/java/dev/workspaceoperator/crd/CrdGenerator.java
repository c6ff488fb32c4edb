package dev.workspaceoperator.crd;

import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Generates the CRD from the Java types ({@link Workspace} and what it holds), then adds what
 * annotations cannot say ({@link CrdRules}).
 */
public final class CrdGenerator {
  /** Where the CRD is kept, below the repository's top folder. */
  static final Path FILE = Path.of("crds", "workspaces.workspace-operator.dev.yaml");

  private static final String FIRST_LINE =
      "# Generated from the Java types in src/main/java/dev/workspaceoperator/crd by"
          + " \"./mvnw -Pgenerate test-compile\"; do not edit.\n";

  private CrdGenerator() {}

  /** Writes the file. The one argument is the repository's top folder. */
  public static void main(String[] args) throws IOException {
    Path file = Path.of(args[0]).resolve(FILE);
    Files.createDirectories(file.resolveSibling("."));
    Files.writeString(file, generate());
    System.out.println("wrote " + file);
  }

  /** The file's text. */
  static String generate() {
    CustomResourceDefinition crd =
        Serialization.unmarshal(fromJavaTypes(), CustomResourceDefinition.class);
    CrdRules.addTo(crd);
    return FIRST_LINE + Serialization.asYaml(crd);
  }

  private static String fromJavaTypes() {
    try (InMemory output = new InMemory()) {
      new CRDGenerator()
          .withOutput(output)
          .customResourceClasses(Workspace.class)
          .detailedGenerate();
      return output.bytes.toString(StandardCharsets.UTF_8);
    }
  }

  private static final class InMemory implements CRDGenerator.CRDOutput<ByteArrayOutputStream> {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public ByteArrayOutputStream outputFor(String crdName) {
      return bytes;
    }

    @Override
    public URI crdURI(String crdName) {
      return Path.of(crdName).toUri();
    }

    @Override
    public void close() {}
  }
}
