package dev.workspaceoperator.crd;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Generates the CRD from the Java types ({@link Workspace} and what it holds), then adds what
 * annotations cannot say ({@link CrdRules}).
 */
public final class CrdGenerator {
  /** Where the CRD is kept, below the repository's top folder. */
  static final Path FILE = Path.of("crds", "workspaces.workspace-operator.dev.yaml");

  /** The same for the chart, which can only read what is in its own folder. */
  static final Path CHART_FILE =
      Path.of("helm", "workspace-operator", "files", "workspaces.workspace-operator.dev.yaml");

  private static final String FIRST_LINE =
      "# Generated from the Java types in src/main/java/dev/workspaceoperator/crd by"
          + " \"./mvnw -Pgenerate test-compile\"; do not edit.\n";

  private CrdGenerator() {}

  /** Writes the files. The one argument is the repository's top folder. */
  public static void main(String[] args) throws IOException {
    String generated = generate();
    for (Path path : List.of(FILE, CHART_FILE)) {
      Path file = Path.of(args[0]).resolve(path);
      Files.createDirectories(file.resolveSibling("."));
      Files.writeString(file, generated);
      System.out.println("wrote " + file);
    }
  }

  /** The file's text. */
  static String generate() {
    CustomResourceDefinition crd =
        Serialization.unmarshal(fromJavaTypes(), CustomResourceDefinition.class);
    CrdRules.addTo(crd);
    return FIRST_LINE + toYaml(crd);
  }

  private static String toYaml(CustomResourceDefinition crd) {
    YAMLMapper yaml =
        YAMLMapper.builder()
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .build();
    try {
      return yaml.writeValueAsString(
          withPlainIntegers(new KubernetesSerialization().convertValue(crd, JsonNode.class)));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Bounds are doubles in Java; not every YAML parser takes {@code 1.0E9} for a number. */
  private static JsonNode withPlainIntegers(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.properties().forEach(field -> field.setValue(withPlainIntegers(field.getValue())));
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        array.set(i, withPlainIntegers(array.get(i)));
      }
    } else if (node.isDouble() && node.doubleValue() == node.longValue()) {
      return LongNode.valueOf(node.longValue());
    }
    return node;
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
