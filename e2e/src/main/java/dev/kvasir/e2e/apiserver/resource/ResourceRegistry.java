package dev.kvasir.e2e.apiserver.resource;

import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.model.ResourceType;
import dev.kvasir.e2e.apiserver.schema.ModelSchemas;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Every resource that is served now. */
public final class ResourceRegistry {
  private record Id(String group, String version, String plural) {}

  private final ModelSchemas schemas;
  private final CustomResources customResources;
  private final Map<Id, ResourceType> builtIns = new LinkedHashMap<>();
  private final Map<String, List<ResourceType>> custom = new LinkedHashMap<>();

  public ResourceRegistry(ModelSchemas schemas) {
    this.schemas = schemas;
    customResources = new CustomResources(schemas);
    new BuiltIns(schemas).types().forEach(t -> builtIns.put(id(t), t));
  }

  /** Serves what a definition defines, in place of what it defined before. */
  public synchronized void define(KubeObject definition) {
    custom.put(definition.name(), customResources.of(definition));
  }

  public synchronized void undefine(String definition) {
    custom.remove(definition);
  }

  public synchronized List<ResourceType> types() {
    List<ResourceType> types = new ArrayList<>(builtIns.values());
    custom.values().forEach(types::addAll);
    return types;
  }

  public synchronized Optional<ResourceType> find(String group, String version, String plural) {
    ResourceType builtIn = builtIns.get(new Id(group, version, plural));
    return builtIn != null
        ? Optional.of(builtIn)
        : custom.values().stream()
            .flatMap(Collection::stream)
            .filter(t -> id(t).equals(new Id(group, version, plural)))
            .findFirst();
  }

  /** The resources of a definition, empty where it defines none that is served. */
  public synchronized List<ResourceType> definedBy(String definition) {
    return custom.getOrDefault(definition, List.of());
  }

  public ModelSchemas schemas() {
    return schemas;
  }

  /** A built-in resource that is always there. */
  public ResourceType builtIn(String group, String version, String plural) {
    return builtIns.get(new Id(group, version, plural));
  }

  private static Id id(ResourceType type) {
    return new Id(type.group(), type.version(), type.plural());
  }
}
