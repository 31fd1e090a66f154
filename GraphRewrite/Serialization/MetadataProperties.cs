using GraphRewrite.IR;
using GraphRewrite.Serialization.Protos;

namespace GraphRewrite.Serialization;

/// <summary>Repeated key-value entries ↔ a dictionary. Of a key that occurs twice the first value counts.</summary>
internal static class MetadataProperties
{
    public static IReadOnlyDictionary<string, string> Decode(params IReadOnlyList<IEnumerable<StringStringEntryProto>> entries)
    {
        Dictionary<string, string>? properties = null;
        foreach (StringStringEntryProto entry in entries.SelectMany(list => list)) (properties ??= []).TryAdd(entry.Key, entry.Value);
        return properties ?? Graph.NoMetadata;
    }

    public static IEnumerable<StringStringEntryProto> Encode(IEnumerable<KeyValuePair<string, string>> properties) =>
        properties.Select(pair => new StringStringEntryProto { Key = pair.Key, Value = pair.Value });
}
