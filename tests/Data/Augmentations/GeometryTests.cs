using TrainingHost.Data.Augmentations;
using TrainingHost.Data.Images;

namespace TrActOnnx.Tests.Data.Augmentations;

[TestClass]
public sealed class GeometryTests
{
    private static readonly ImageSize Size = new(1, 5, 5);

    /// <summary>A quarter turn and a half one move every pixel onto another: row by row, as matrices are turned by hand.</summary>
    [TestMethod]
    public void QuarterTurns_MovePixelsOntoPixels()
    {
        float[] original = [.. Enumerable.Range(0, 25).Select(i => (float)i)];
        float[] quarter = [.. original], half = [.. original];
        Geometry.Rotate(new(quarter, Size), 90);
        Geometry.Rotate(new(half, Size), 180);
        for (int y = 0; y < 5; y++)
        {
            for (int x = 0; x < 5; x++)
            {
                // Counter-clockwise: what was on the right is on top.
                Assert.AreEqual(original[(x * 5) + 4 - y], quarter[(y * 5) + x], 1e-4, $"quarter at {y}, {x}");
                Assert.AreEqual(original[((4 - y) * 5) + 4 - x], half[(y * 5) + x], 1e-4, $"half at {y}, {x}");
            }
        }
    }

    /// <summary>A plane of ones turned by 45 degrees: black in the corners, one within the circle that stays inside.</summary>
    [TestMethod]
    public void Rotation_FillsCornersWithBlack()
    {
        float[] values = [.. Enumerable.Repeat(1f, 121)];
        Geometry.Rotate(new(values, new(1, 11, 11)), 45);
        Assert.AreEqual(0f, values[0]);
        Assert.AreEqual(0f, values[120]);
        for (int y = 0; y < 11; y++)
        {
            for (int x = 0; x < 11; x++)
                if (((x - 5) * (x - 5)) + ((y - 5) * (y - 5)) <= 25) Assert.AreEqual(1f, values[(y * 11) + x], 1e-5f, $"at {y}, {x}");
        }
    }

    /// <summary>On a ramp, bilinear interpolation is exact: a shift by half a pixel adds half a step.</summary>
    [TestMethod]
    public void Transform_InterpolatesBetweenNeighbours()
    {
        float[] values = [.. Enumerable.Range(0, 25).Select(i => (float)((i % 5 * 10) + (i / 5)))];
        float[] original = [.. values];
        Geometry.Transform(new(values, Size), new(1, 0, 0, 1, 0.5, 0.25));
        for (int y = 0; y < 4; y++)
            for (int x = 0; x < 4; x++) Assert.AreEqual(original[(y * 5) + x] + 5.25, values[(y * 5) + x], 1e-4, $"at {y}, {x}");
    }
}
