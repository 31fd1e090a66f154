using System.Globalization;
using GraphRewrite.Diagnostics;

namespace TrainingHost.Data.Augmentations;

/// <summary>What <c>--augment</c> takes: a preset, single changes, or both, separated by commas; a later one changes an earlier.</summary>
internal static class AugmentationText
{
    private const string Changes = "resized-crop=0.08, crop=4, flip, rotation=15, randaugment=2:9, jitter=0.4 (brightness, contrast, "
        + "saturation; or one of them), erasing=0.25, mixup=0.2, cutmix=1";

    /// <summary>THE table of presets.</summary>
    private static readonly Dictionary<string, Augmentation> Presets = new()
    {
        ["none"] = new(),
        ["light"] = new() { Crop = 2, Rotation = 5, Brightness = 0.1f, Contrast = 0.1f },
        ["cifar"] = new() { Crop = 4, Flip = true },
        ["imagenet"] = new() { ResizedCrop = new(0.08f), Flip = true, Brightness = 0.4f, Contrast = 0.4f, Saturation = 0.4f },
    };

    /// <returns>Null where nothing is done.</returns>
    /// <exception cref="GraphRewriteException">There is no such change, or its number is out of range.</exception>
    public static Augmentation? Parse(string text)
    {
        Augmentation result = new();
        foreach (string term in text.Split(',', StringSplitOptions.TrimEntries))
        {
            string[] parts = term.Split('=', 2);
            result = parts.Length == 1 && Presets.TryGetValue(term, out Augmentation? preset) ? preset
                : With(result, parts[0], parts.ElementAtOrDefault(1), term);
        }
        return result == new Augmentation() ? null : result;
    }

    private static Augmentation With(Augmentation before, string change, string? number, string term)
    {
        return change switch
        {
            "flip" when number is null => before with { Flip = true },
            "crop" => before with { Crop = (int)Number(4, 1, 1024, whole: true) },
            "resized-crop" => before with { ResizedCrop = new(Number(0.08f, 0.001f, 1)) },
            "rotation" => before with { Rotation = Number(15, 0, 180) },
            "jitter" => before with { Brightness = Number(0.4f, 0, 1), Contrast = Number(0.4f, 0, 1), Saturation = Number(0.4f, 0, 1) },
            "brightness" => before with { Brightness = Number(0.4f, 0, 1) },
            "contrast" => before with { Contrast = Number(0.4f, 0, 1) },
            "saturation" => before with { Saturation = Number(0.4f, 0, 1) },
            "erasing" => before with { Erasing = new(Number(0.25f, 0, 1)) },
            "mixup" => before with { Mixing = new(Number(0.2f, 0.001f, 100), before.Mixing?.CutMix ?? 0) },
            "cutmix" => before with { Mixing = new(before.Mixing?.MixUp ?? 0, Number(1, 0.001f, 100)) },
            "randaugment" => before with { RandAugment = Randomly() },
            _ => throw new GraphRewriteException(
                $"--augment {term}: there are {string.Join(", ", Presets.Keys)}, and by themselves {Changes}; separate them by commas"),
        };

        float Number(float usual, float lowest, float highest, bool whole = false)
        {
            if (number is null) return usual;
            bool read = float.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out float value);
            if (read && value >= lowest && value <= highest && (!whole || value == MathF.Floor(value))) return value;
            throw Range(string.Create(CultureInfo.InvariantCulture, $"a{(whole ? " whole" : "")} number from {lowest} to {highest}"));
        }

        RandAugment Randomly()
        {
            string[] numbers = (number ?? "2:9").Split(':');
            return numbers.Length == 2 && int.TryParse(numbers[0], out int operations) && int.TryParse(numbers[1], out int magnitude)
                && operations is >= 1 and <= 14 && magnitude is >= 0 and <= 30 ? new(operations, magnitude)
                : throw Range("OPERATIONS:MAGNITUDE, from 1:0 to 14:30");
        }

        GraphRewriteException Range(string wanted) => new($"--augment {term}: {change} takes {wanted}");
    }
}
