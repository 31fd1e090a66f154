using GraphRewrite.Diagnostics;
using GraphRewrite.Randomness;

namespace TrainingHost.Data.Augmentations;

/// <summary>
/// Random changes to images, a function of (seed, epoch, place in the epoch) so that a resumed run draws the same ones, whatever the number of
/// workers. They are made in the order of the properties, on pixels of 0 … 255; erasing after normalization, mixing over the whole batch.
/// </summary>
internal sealed record Augmentation
{
    /// <summary>A random part, resized; null: the whole image.</summary>
    public ResizedCrop? ResizedCrop { get; init; }

    /// <summary>Cut at a random place out of the image padded with so many black pixels on each side.</summary>
    public int Crop { get; init; }

    /// <summary>Mirrored left to right with probability ½.</summary>
    public bool Flip { get; init; }

    /// <summary>Turned by up to so many degrees either way.</summary>
    public float Rotation { get; init; }

    /// <summary>RandAugment; null: none.</summary>
    public RandAugment? RandAugment { get; init; }

    /// <summary>Enhanced by 1 − b … 1 + b.</summary>
    public float Brightness { get; init; }

    /// <summary>Enhanced by 1 − c … 1 + c.</summary>
    public float Contrast { get; init; }

    /// <summary>Enhanced by 1 − s … 1 + s.</summary>
    public float Saturation { get; init; }

    /// <summary>Random erasing; null: none.</summary>
    public RandomErasing? Erasing { get; init; }

    /// <summary>MixUp and CutMix; null: none.</summary>
    public Mixing? Mixing { get; init; }

    /// <summary>Whether anything is done to an image by itself.</summary>
    public bool ChangesImages => this with { Mixing = null } != new Augmentation();

    /// <summary>Changes an image in place: all that is done before normalization, but for the resized crop, which is made as it is loaded.</summary>
    public void Apply(Planes planes, ref Pcg32 random)
    {
        if (Crop > 0)
        {
            int down = (int)random.Next((2 * (uint)Crop) + 1) - Crop, right = (int)random.Next((2 * (uint)Crop) + 1) - Crop;
            Geometry.Shift(planes, down, right);
        }
        if (Flip && random.Next(2) == 1) Geometry.Mirror(planes);
        if (Rotation > 0) Geometry.Rotate(planes, Around(0, Rotation, ref random));
        RandAugment?.Apply(planes, ref random);
        if (Brightness > 0) Colour.Brightness(planes, Around(1, Brightness, ref random));
        if (Contrast > 0) Colour.Contrast(planes, Around(1, Contrast, ref random));
        if (Saturation > 0) Colour.Saturation(planes, Around(1, Saturation, ref random));
    }

    private static float Around(float center, float range, ref Pcg32 random) => center + (range * ((2 * random.NextSingle()) - 1));
}
