using System.Reflection;
using ScottPlot;
using SkiaSharp;

namespace TrainingHost.Reporting;

/// <summary>The letters of plots: a font that the program carries, for a bare container has none, and then Skia draws no text at all.</summary>
internal sealed class PlotFont : IFontResolver
{
    private const string Name = "DejaVu Sans (embedded)", Resource = "fonts/DejaVuSans.ttf";

    private static readonly Lazy<PlotFont> Registered = new(() =>
    {
        var font = new PlotFont();
        Fonts.FontResolvers.Insert(0, font);
        Fonts.Default = Name;
        return font;
    });

    private PlotFont()
    {
    }

    /// <summary>Every plot that is made from now on is written in it.</summary>
    public static void Use() => _ = Registered.Value;

    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
        fontName == Name ? SKTypeface.FromStream(Open()) : null;

    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) =>
        CreateTypeface(fontName, FontWeight.Normal, FontSlant.Upright, FontSpacing.Normal);

    private static Stream Open() => Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)
        ?? throw new InvalidOperationException($"The program was built without its resource {Resource}.");
}
