namespace GraphRewrite.Passes;

/// <summary>stub</summary>
public static class NormaliseForward
{
}
