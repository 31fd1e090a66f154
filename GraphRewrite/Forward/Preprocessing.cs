using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using GraphRewrite.Diagnostics;

namespace GraphRewrite.Forward;

/// <summary>How a model's own input lays out what is fed to it.</summary>
public enum InputLayout
{
    /// <summary>Channel planes, [N, C, H, W].</summary>
    ChannelsFirst,

    /// <summary>The channels of a pixel side by side, [N, H, W, C].</summary>
    ChannelsLast,

    /// <summary>The elements of an image, plane after plane, in dimensions of the model's own.</summary>
    Flat,

    /// <summary>The columns of a table, [N, C].</summary>
    Columns,
}

/// <summary>
/// What is done to raw data before a model sees it: x = (raw · scale − mean) / std, channel by channel. Raw are the pixels 0 … 255 of images
/// [N, C, H, W] of the model's size, or the columns [N, C] of a table.
/// </summary>
public sealed record Preprocessing
{
    /// <summary>The metadata property of a model that holds it, as JSON.</summary>
    public const string Property = "tract.preprocessing";

    /// <summary>The metadata property of a model that holds the names of the classes, as a JSON array, in the order of the outputs.</summary>
    public const string ClassesProperty = "tract.classes";

    /// <summary>The metadata property of a model that has its preprocessing inside: "inside"; absent where it is to be done before.</summary>
    public const string PlaceProperty = "tract.preprocessing.place";

    /// <summary>The file that holds it beside a model.</summary>
    public const string File = "preprocessing.json";

    /// <summary>C: channels of an image, in the order red, green, blue; columns of a table.</summary>
    public required int Channels { get; init; }

    /// <summary>H, in pixels; 1 for a table.</summary>
    public required int Height { get; init; }

    /// <summary>W, in pixels; 1 for a table.</summary>
    public required int Width { get; init; }

    /// <summary>How the model itself takes it.</summary>
    public required InputLayout Layout { get; init; }

    /// <summary>1/255 for pixels, 1 for columns.</summary>
    public required double Scale { get; init; }

    /// <summary>C means of the scaled values.</summary>
    public required IReadOnlyList<double> Mean { get; init; }

    /// <summary>C deviations of the scaled values, above 0.</summary>
    public required IReadOnlyList<double> Std { get; init; }

    /// <summary>How other images become ones of this size, in words; null for a table.</summary>
    public string? Resize { get; init; }

    /// <summary>Whether images that are smaller by up to a quarter on each axis are centred in black, and not resized.</summary>
    public bool Pads { get; init; }

    /// <summary>Names of a table's columns; null for images.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Names of the classes, in the order of the model's outputs; null where there are none.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>Dimensions of one raw example: [C, H, W], or [C].</summary>
    [JsonIgnore]
    public IReadOnlyList<long> RawDims => Layout == InputLayout.Columns ? [Channels] : [Channels, Height, Width];

    /// <summary>As JSON, indented, as preprocessing.json has it.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, PreprocessingJson.Default.Preprocessing);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <param name="place">Its file, for messages.</param>
    /// <exception cref="GraphRewriteException">It is no such JSON, or its numbers do not go together.</exception>
    public static Preprocessing FromJson(string json, string place)
    {
        try
        {
            Preprocessing read = JsonSerializer.Deserialize(json, PreprocessingJson.Default.Preprocessing) ?? throw new JsonException("it is null");
            bool sound = read is { Channels: > 0, Height: > 0, Width: > 0 } && read.Mean.Count == read.Channels && read.Std.Count == read.Channels
                && read.Std.All(std => std > 0);
            return sound ? read : throw new JsonException("as many means and deviations above 0 are expected as channels");
        }
        catch (JsonException e)
        {
            throw new GraphRewriteException(new Finding("is no preprocessing as train writes it", "Train again, or leave the file out")
            {
                Place = new() { File = place },
                Detail = e.Message,
            });
        }
    }

    /// <summary>Puts it, and the names of the classes, into a model's metadata.</summary>
    internal void Record(IR.Model model, bool inside)
    {
        // Without the file's line breaks.
        JsonNode json = JsonNode.Parse(ToJson())!;
        model.SetMetadata(Property, json.ToJsonString());
        if (json["class_names"] is { } names) model.SetMetadata(ClassesProperty, names.ToJsonString());
        if (inside) model.SetMetadata(PlaceProperty, "inside");
    }
}

/// <summary>Reads and writes it without reflection.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Preprocessing))]
internal sealed partial class PreprocessingJson : JsonSerializerContext;
