package dev.workspaceoperator.app;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/** A JVM whose time of day is wrong, as on a node whose clock is not kept. */
final class WrongClock {
  private static final ClassDesc INSTANT = Instant.class.describeConstable().orElseThrow();

  private WrongClock() {}

  /**
   * The flag that makes it so: {@link Clock} and {@link Instant#now()} are this much ahead.
   *
   * @param directory for the changed class; the JVM reads it when it starts
   */
  static String ahead(Duration by, Path directory) throws IOException {
    Path file = directory.resolve(Path.of("java", "time", "Clock.class"));
    Files.createDirectories(file.getParent());
    Files.write(file, changedClock(by.toSeconds()));
    return "--patch-module=java.base=" + directory;
  }

  private static byte[] changedClock(long seconds) throws IOException {
    CodeTransform plusSeconds =
        (code, element) -> {
          if (element instanceof ReturnInstruction) {
            code.loadConstant(seconds);
            code.invokevirtual(
                INSTANT, "plusSeconds", MethodTypeDesc.of(INSTANT, ConstantDescs.CD_long));
          }
          code.with(element);
        };
    ClassFile classFile = ClassFile.of();
    try (InputStream original = Clock.class.getResourceAsStream("Clock.class")) {
      return classFile.transformClass(
          classFile.parse(Objects.requireNonNull(original).readAllBytes()),
          ClassTransform.transformingMethodBodies(
              method -> method.methodName().equalsString("currentInstant"), plusSeconds));
    }
  }
}
