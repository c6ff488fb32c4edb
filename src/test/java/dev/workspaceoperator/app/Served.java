package dev.workspaceoperator.app;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.reflect.Field;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.ModifierSupport;

/**
 * A static field that holds an {@link ApiServer} on a database of its own while the tests of its
 * class run, those of nested classes too, as {@code @TempDir} holds a folder. What the class makes
 * on it in {@code @BeforeAll} finds it there, and whatever it closes in {@code @AfterAll} goes
 * first. A class that wants other settings starts its own, with {@code @AutoClose}.
 */
@Target(ElementType.FIELD)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(Served.Start.class)
public @interface Served {
  /** Sets the field, and has JUnit close what it is set to. */
  final class Start implements BeforeAllCallback {
    private static final Namespace SERVERS = Namespace.create(Served.class);

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
      for (Field field :
          AnnotationSupport.findAnnotatedFields(
              context.getRequiredTestClass(), Served.class, ModifierSupport::isStatic)) {
        ApiServer server = ApiServer.start();
        context.getStore(SERVERS).put(field, server);
        field.setAccessible(true);
        field.set(null, server);
      }
    }
  }
}
