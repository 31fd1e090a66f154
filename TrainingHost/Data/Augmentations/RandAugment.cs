using GraphRewrite.Randomness;

namespace TrainingHost.Data.Augmentations;

/// <summary>
/// RandAugment (Cubuk et al. 2019, arXiv 1909.13719), with torchvision's fourteen operations and ranges: <paramref name="Operations"/> of them, drawn
/// with replacement, each with m = <paramref name="Magnitude"/>/30 of its range; the sign of those that have one is drawn.
/// </summary>
/// <param name="Operations">How many a picture, from 1.</param>
/// <param name="Magnitude">From 0 to 30.</param>
internal sealed record RandAugment(int Operations, int Magnitude)
{
    private const int Bins = 30;

    private delegate void Operation(Planes planes, float m, float sign);

    /// <summary>THE table of operations; m from 0 to 1.</summary>
    private static readonly Operation[] Table =
    [
        (_, _, _) => { },
        (planes, m, sign) => Geometry.Transform(planes, new(1, sign * 0.3 * m, 0, 1, 0, 0)),
        (planes, m, sign) => Geometry.Transform(planes, new(1, 0, sign * 0.3 * m, 1, 0, 0)),
        (planes, m, sign) => Geometry.Transform(planes, new(1, 0, 0, 1, sign * m * 150 / 331 * planes.Size.Width, 0)),
        (planes, m, sign) => Geometry.Transform(planes, new(1, 0, 0, 1, 0, sign * m * 150 / 331 * planes.Size.Height)),
        (planes, m, sign) => Geometry.Rotate(planes, sign * m * 30),
        (planes, m, sign) => Colour.Brightness(planes, 1 + (sign * m * 0.9f)),
        (planes, m, sign) => Colour.Saturation(planes, 1 + (sign * m * 0.9f)),
        (planes, m, sign) => Colour.Contrast(planes, 1 + (sign * m * 0.9f)),
        (planes, m, sign) => Colour.Sharpness(planes, 1 + (sign * m * 0.9f)),
        (planes, m, _) => Colour.Posterize(planes, 8 - (int)Math.Round(4 * m)),
        (planes, m, _) => Colour.Solarize(planes, 255 * (1 - m)),
        (planes, _, _) => Colour.AutoContrast(planes),
        (planes, _, _) => Colour.Equalize(planes),
    ];

    public void Apply(Planes planes, ref Pcg32 random)
    {
        for (int i = 0; i < Operations; i++)
        {
            Operation operation = Table[random.Next((uint)Table.Length)];
            operation(planes, (float)Magnitude / Bins, random.Next(2) == 0 ? 1 : -1);
        }
    }
}
