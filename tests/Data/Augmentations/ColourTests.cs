using System.Text.Json;
using TrainingHost.Data.Augmentations;
using TrainingHost.Data.Images;

namespace TrActOnnx.Tests.Data.Augmentations;

/// <summary>Held against Pillow, which rounds down to bytes where these do not: by up to one level, its grey image by half of one more.</summary>
[TestClass]
public sealed class ColourTests
{
    private delegate void Change(Planes planes);

    [TestMethod]
    [DataRow("brightness")]
    [DataRow("contrast")]
    [DataRow("saturation")]
    [DataRow("sharpness")]
    public void Enhancing_IsPillows(string name)
    {
        foreach (JsonProperty factor in ImageTruth.Root.GetProperty("enhanced").GetProperty(name).EnumerateObject())
        {
            float f = float.Parse(factor.Name, System.Globalization.CultureInfo.InvariantCulture);
            Holds(factor.Value, tolerance: 1.51, name, planes =>
            {
                switch (name)
                {
                    case "brightness": Colour.Brightness(planes, f); break;
                    case "contrast": Colour.Contrast(planes, f); break;
                    case "saturation": Colour.Saturation(planes, f); break;
                    default: Colour.Sharpness(planes, f); break;
                }
            });
        }
    }

    [TestMethod]
    public void Posterize_IsPillows()
    {
        foreach (JsonProperty bits in ImageTruth.Root.GetProperty("posterize").EnumerateObject())
        {
            int kept = int.Parse(bits.Name, System.Globalization.CultureInfo.InvariantCulture);
            Holds(bits.Value, 0, "posterize", planes => Colour.Posterize(planes, kept));
        }
    }

    [TestMethod]
    public void Solarize_IsPillows()
    {
        foreach (JsonProperty threshold in ImageTruth.Root.GetProperty("solarize").EnumerateObject())
        {
            float t = float.Parse(threshold.Name, System.Globalization.CultureInfo.InvariantCulture);
            Holds(threshold.Value, 0, "solarize", planes => Colour.Solarize(planes, t));
        }
    }

    [TestMethod]
    public void AutoContrast_IsPillows() => Holds(ImageTruth.Root.GetProperty("autocontrast"), 1, "autocontrast", Colour.AutoContrast);

    [TestMethod]
    public void Equalize_IsPillows()
    {
        JsonElement truth = ImageTruth.Root.GetProperty("equalize");
        float[] values = ImageTruth.Planes(ImageTruth.Bytes(truth.GetProperty("pixels")), 3);
        Colour.Equalize(new(values, new(3, truth.GetProperty("height").GetInt32(), truth.GetProperty("width").GetInt32())));
        ImageTruth.AreNear(ImageTruth.Planes(ImageTruth.Bytes(truth.GetProperty("result")), 3), values, 0, "equalize");
    }

    private static void Holds(JsonElement expected, double tolerance, string name, Change change)
    {
        float[] values = ImageTruth.Planes(ImageTruth.Pixels, 3);
        change(new(values, ImageTruth.Size));
        ImageTruth.AreNear(ImageTruth.Planes(ImageTruth.Bytes(expected), 3), values, tolerance, name);
    }
}
